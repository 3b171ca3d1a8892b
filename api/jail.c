/* SPDX-License-Identifier: MIT */
#include "jail.h"

#include "flow.h"
#include "lockdown.h"
#include "shared/clock.h"
#include "shared/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS    10000
#define LOOK_MS    50
#define SAID_MAX   2048
#define MEMORY_MAX ((size_t)220 << 20) /* with what is mapped of libraries: 256 MB */
#define OUTPUT_MAX ((size_t)64 << 20)
#define NOT_RUN    126 /* exit codes as a shell has them: could not be locked in, */
#define NOT_FOUND  127 /* or not be executed */

/* ---- places ---- */

static const char *
tmp_dir(struct req *r)
{
	return arena_printf(&r->mem, "%s/tmp", r->conf->files_dir);
}

/* A place is a locked file: the kernel gives it back, whoever dies. -1 with errno; EWOULDBLOCK if
 * somebody has it. */
static int
take(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), why;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	why = errno;
	(void)close(fd);
	errno = why;
	return -1;
}

static int
take_any(struct req *r, const char *dir)
{
	int fd = -1;

	errno = EWOULDBLOCK;
	for (int64_t i = 0; fd < 0 && errno == EWOULDBLOCK && i < r->conf->files_helpers; i++)
		fd = take(arena_printf(&r->mem, "%s/helper.%lld", dir, (long long)i));
	return fd;
}

enum err
jail_enter(struct req *r, struct jail *j)
{
	int64_t since = clock_mono();
	const char *dir = tmp_dir(r);

	*j = (struct jail){.r = r, .slot = -1};
	for (;;) {
		flow_alive(r);
		if ((j->slot = take_any(r, dir)) >= 0)
			break;
		if (errno != EWOULDBLOCK) {
			log_error("%s/helper.*: %s", dir, strerror(errno));
			return errno == ENOSPC || errno == EDQUOT ? ERR_STORE_FULL : ERR_INTERNAL;
		}
		if (clock_mono() - since > WAIT_MS)
			return req_fail(r, ERR_UNAVAILABLE, "Too many files are being looked at.");
		(void)poll(NULL, 0, LOOK_MS);
	}
	return OK;
}

void
jail_allow(struct jail *j, int64_t cpu, int64_t wall)
{
	j->left = cpu;
	j->until = clock_mono() + wall;
}

void
jail_leave(struct jail *j)
{
	if (j->slot >= 0)
		(void)close(j->slot);
	j->slot = -1;
}

/* ---- the child ---- */

#define PROGRAMS_SIZE 64

static bool
find(const char *program, char out[PROGRAMS_SIZE])
{
	static const char *const places[] = {"/usr/bin/", "/usr/local/bin/"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(out, PROGRAMS_SIZE, "%s%s", places[i], program);
		if (access(out, X_OK) == 0)
			return true;
	}
	return false;
}

bool
jail_has(const char *program)
{
	char path[PROGRAMS_SIZE];

	return find(program, path);
}

static void
reset_signals(void)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &usual, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of the worker's is left open: no database, no request. */
static bool
arrange(int out, int err, const char *dir)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	       dup2(out < 0 ? null : out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0 &&
	       close_range(STDERR_FILENO + 1, ~0U, 0) == 0 && chdir(dir) == 0;
}

/* VIPSHOME: where there are no plugins, which take as long to load as vips itself, and are
 * ImageMagick and the like. VIPS_BLOCK_UNTRUSTED leaves the loaders that vips' authors test with
 * broken files. VIPS_NOVECTOR: else code is generated at run time, into a file; of which there are
 * none, so neither shall what is large wait in one (VIPS_DISC_THRESHOLD). */
static const char *const environment[] = {"VIPSHOME=/nonexistent", "VIPS_BLOCK_UNTRUSTED=1",
    "VIPS_CONCURRENCY=1", "VIPS_NOVECTOR=1", "VIPS_DISC_THRESHOLD=1g", "MALLOC_ARENA_MAX=2",
    "PATH=/usr/bin", "HOME=/nonexistent", "LC_ALL=C", NULL};

_Noreturn static void
become(const struct jail *j, const struct jail_job *job, int out, int err)
{
	struct lockdown locks = {job->reads, job->writes, MEMORY_MAX,
	    (unsigned)(1 + (j->left > 0 ? j->left : 0) / 1000), OUTPUT_MAX};
	const char *dir = tmp_dir(j->r);
	char path[PROGRAMS_SIZE];

	(void)setpgid(0, 0);
	/* A worker that is killed takes it along. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	reset_signals();
	if (!find(job->argv[0], path))
		_exit(NOT_FOUND);
	if (!arrange(out, err, dir) || !lockdown(&locks)) {
		(void)dprintf(STDERR_FILENO, "locking in: %s", strerror(errno));
		_exit(NOT_RUN);
	}
	(void)execve(path, (char *const *)(uintptr_t)job->argv,
	    (char *const *)(uintptr_t)(environment + (job->plugins ? 1 : 0)));
	_exit(NOT_FOUND);
}

/* ---- the parent ---- */

struct run {
	pid_t pid;
	int end; /* readable when it has ended */
	int out, err;
	struct buf said;
	bool spent, late;
};

/* Takes what there is. False at the end. */
static bool
drain(int fd, struct buf *to)
{
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n > 0 && to != NULL)
		buf_add(to, chunk, (size_t)n);
	return n > 0;
}

/* Milliseconds of a processor that it has taken. */
static int64_t
cpu_of(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A program that has closed its output, and sleeps, has not ended. */
static void
attend(const struct jail *j, const struct jail_job *job, struct run *run)
{
	struct pollfd fds[] = {{run->end, POLLIN, 0}, {run->out, POLLIN, 0}, {run->err, POLLIN, 0}};

	while (fds[0].revents == 0 && !run->spent && !run->late) {
		flow_alive(j->r);
		(void)poll(fds, 3, LOOK_MS);
		if (fds[1].revents != 0 && !drain(run->out, job->out))
			fds[1].fd = -1;
		if (fds[2].revents != 0 && !drain(run->err, &run->said))
			fds[2].fd = -1;
		run->spent = fds[0].revents == 0 && cpu_of(run->pid) >= j->left;
		run->late = fds[0].revents == 0 && clock_mono() >= j->until;
	}
	(void)kill(-run->pid, SIGKILL);
	while (fds[1].fd >= 0 && drain(run->out, job->out)) {
	}
	while (fds[2].fd >= 0 && drain(run->err, &run->said)) {
	}
}

static bool
start(const struct jail *j, const struct jail_job *job, struct run *run)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	if (pipe2(err, O_CLOEXEC) != 0) {
		(void)close(out[0]);
		(void)close(out[1]);
		return false;
	}
	run->out = out[0];
	run->err = err[0];
	run->pid = fork();
	if (run->pid == 0)
		become(j, job, out[1], err[1]);
	(void)close(out[1]);
	(void)close(err[1]);
	if (run->pid < 0)
		return false;
	(void)setpgid(run->pid, run->pid);
	run->end = pidfd_open(run->pid, 0);
	if (run->end >= 0)
		return true;
	(void)kill(run->pid, SIGKILL);
	(void)waitpid(run->pid, NULL, 0);
	return false;
}

static int64_t
ms_of(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

/* Its status, as waitpid() gives it. */
static int
end(struct jail *j, struct run *run)
{
	struct rusage usage = {0};
	int status = -1;

	while (wait4(run->pid, &status, 0, &usage) < 0 && errno == EINTR) {
	}
	j->left -= ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
	return status;
}

/* ---- what came of it ---- */

static bool
says(const struct run *run, const char *what)
{
	return run->said.n > 0 && strcasestr(run->said.p, what) != NULL;
}

/* Tools say in words what was the matter; that half of a JPEG is missing is only a warning of vips.
 */
static enum err
judge(struct jail *j, const struct jail_job *job, const struct run *run, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (run->late && !run->spent)
		return req_fail(j->r, ERR_UNAVAILABLE, "Too much happens here to look at it.");
	if (run->spent || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		return req_fail(j->r, ERR_BAD_FILE, "It takes too long to decode.");
	/* By a system that has no memory left, or by somebody; not for what is in the file. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return req_fail(j->r, ERR_UNAVAILABLE, "Whoever looked at it was killed.");
	if (code == NOT_RUN || code == NOT_FOUND) {
		log_error("%s can't be run: %s", job->argv[0], run->said.n > 0 ? run->said.p : "?");
		return ERR_INTERNAL;
	}
	if (code != 0 && says(run, "No space left"))
		return ERR_STORE_FULL;
	if (code != 0 && says(run, "memory"))
		return req_fail(j->r, ERR_BAD_FILE, "It takes too much memory to decode.");
	if (code != 0 || says(run, "premature end"))
		return req_fail(j->r, ERR_BAD_FILE,
		    "It can't be decoded: it is damaged, not what it claims to be, or too large.");
	return job->out != NULL && job->out->full ? ERR_INTERNAL : OK;
}

/* The program may not make files; it finds it, and fills it. */
static enum err
prepare(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (fd >= 0) {
		(void)close(fd);
		return OK;
	}
	log_error("%s: %s", path, strerror(errno));
	return errno == ENOSPC || errno == EDQUOT ? ERR_STORE_FULL : ERR_INTERNAL;
}

enum err
jail_run(struct jail *j, const struct jail_job *job)
{
	struct run run = {.end = -1, .out = -1, .err = -1};
	enum err e = ERR_INTERNAL;
	int status;

	if (job->writes != NULL)
		TRY(prepare(job->writes));
	buf_init(&run.said, SAID_MAX);
	if (start(j, job, &run)) {
		attend(j, job, &run);
		status = end(j, &run);
		if (run.said.n > 0)
			log_debug("%s: status %d: %s", job->argv[0], status, run.said.p);
		e = judge(j, job, &run, status);
	} else {
		log_error("%s can't be started: %s", job->argv[0], strerror(errno));
	}
	buf_finish(&run.said);
	for (int i = 0; i < 3; i++) {
		int fd = (const int[]){run.end, run.out, run.err}[i];

		if (fd >= 0)
			(void)close(fd);
	}
	if (e != OK && job->writes != NULL)
		(void)unlink(job->writes);
	return e;
}
