/* SPDX-License-Identifier: MIT */
/* See parent.h. A child that dies is replaced at once, and with growing pauses if it died young:
 * one that can't live must not eat the machine. */
#include "parent.h"

#include "courier.h"
#include "fcgi.h"
#include "feeder.h"
#include "filestore.h"
#include "hang.h"
#include "password.h"
#include "providers.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "turns.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS        530 /* two generations of workers, a feeder and couriers */
#define YOUNG_MS     1000
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 5000
#define STOP_MS      10000 /* for the requests at hand */
#define NUDGE_MS     100 /* SIGTERM is repeated: it may come just before a worker waits in accept() */

enum role { WORKER, FEEDER, COURIER, POSTER, PREVIEWER, MAILER, USHER, INDEXER, ROLES };

static const char *const role_names[ROLES] = {
    "worker", "feeder", "courier", "poster", "previewer", "mailer", "usher", "indexer"};

struct parent {
	struct conf *conf;
	const char *path;
	int listener;
	struct worker_slot *slots; /* shared memory */
	enum role role[SLOTS];
	bool old[SLOTS];      /* told to stop: a leftover of an earlier generation */
	int64_t pause[ROLES]; /* before the next start, after a young death */
	int64_t start_after[ROLES];
};

static volatile sig_atomic_t stop_asked, reload_asked;

static void
on_signal(int sig)
{
	if (sig == SIGHUP)
		reload_asked = 1;
	else if (sig != SIGCHLD)
		stop_asked = 1;
}

static void
set_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	(void)sigaction(SIGCHLD, &action, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

/* How many live, of one role; old: of earlier generations. */
static unsigned
count(const struct parent *p, enum role role, bool old)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		n += p->slots[i].pid != 0 && p->role[i] == role && p->old[i] == old;
	return n;
}

static unsigned
count_old(const struct parent *p)
{
	unsigned n = 0;

	for (enum role role = WORKER; role < ROLES; role++)
		n += count(p, role, true);
	return n;
}

/* The life of a child, from fork to its exit status. */
static int
live(const struct parent *p, unsigned slot)
{
	char name[16];

	/* As top and `ps -o comm` show it. */
	(void)snprintf(name, sizeof(name), "maru-%s", role_names[p->role[slot]]);
	(void)prctl(PR_SET_NAME, name);
	log_open("maru-api", log_level(p->conf->log_level));
	if (p->role[slot] == FEEDER)
		return feeder_run(p->conf, &p->slots[slot]);
	if (p->role[slot] == COURIER)
		return courier_run(p->conf, &p->slots[slot], &errand_hooks);
	if (p->role[slot] == POSTER)
		return courier_run(p->conf, &p->slots[slot], &errand_webhooks);
	if (p->role[slot] == PREVIEWER)
		return courier_run(p->conf, &p->slots[slot], &errand_previews);
	if (p->role[slot] == MAILER)
		return courier_run(p->conf, &p->slots[slot], &errand_mail);
	if (p->role[slot] == USHER)
		return courier_run(p->conf, &p->slots[slot], &errand_usher);
	if (p->role[slot] == INDEXER)
		return courier_run(p->conf, &p->slots[slot], &errand_index);
	return worker_run(p->conf, p->listener, &p->slots[slot]);
}

static void
start_child(struct parent *p, enum role role, unsigned slot)
{
	struct worker_slot *s = &p->slots[slot];
	pid_t self = getpid(), pid;

	atomic_store(&s->busy_since, 0);
	s->started = clock_mono();
	p->old[slot] = false;
	p->role[slot] = role;
	if ((pid = fork()) < 0) {
		log_error("can't start a %s: %s", role_names[role], strerror(errno));
		p->start_after[role] = clock_mono() + PAUSE_MAX_MS;
		return;
	}
	if (pid > 0) {
		s->pid = pid;
		return;
	}
	/* Without its parent nobody would restart or stop it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != self)
		_exit(1);
	exit(live(p, slot));
}

/* A courier waits for the one before it: two would send everything twice. */
static unsigned
couriers_wanted(const struct parent *p, enum role role, bool errand)
{
	return errand && count(p, role, true) == 0;
}

static void
start_missing(struct parent *p, enum role role, unsigned wanted)
{
	unsigned have = count(p, role, false);

	for (unsigned i = 0; i < SLOTS && have < wanted; i++) {
		if (clock_mono() < p->start_after[role])
			return;
		if (p->slots[i].pid != 0)
			continue;
		start_child(p, role, i);
		have++;
	}
}

static void
bury(struct parent *p, unsigned slot, int status)
{
	bool young = clock_mono() - p->slots[slot].started < YOUNG_MS;
	const char *name = role_names[p->role[slot]];
	int64_t *pause = &p->pause[p->role[slot]];

	if (WIFSIGNALED(status))
		log_error(
		    "%s %d was killed by signal %d", name, p->slots[slot].pid, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		log_error(
		    "%s %d ended with status %d", name, p->slots[slot].pid, WEXITSTATUS(status));
	p->slots[slot].pid = 0;
	if (!young || p->old[slot]) {
		*pause = 0;
		return;
	}
	*pause = *pause == 0 ? PAUSE_MIN_MS : *pause * 2;
	if (*pause > PAUSE_MAX_MS)
		*pause = PAUSE_MAX_MS;
	p->start_after[p->role[slot]] = clock_mono() + *pause;
}

static void
reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < SLOTS; i++) {
			if (p->slots[i].pid == pid)
				bury(p, i, status);
		}
	}
}

/* Tells every worker of earlier generations to finish; called until they are gone. */
static void
nudge_old(const struct parent *p)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (p->slots[i].pid != 0 && p->old[i])
			(void)kill(p->slots[i].pid, SIGTERM);
	}
}

static void
kill_stuck(const struct parent *p)
{
	int64_t now = clock_mono(), since;

	for (unsigned i = 0; i < SLOTS; i++) {
		since = atomic_load(&p->slots[i].busy_since);
		if (p->slots[i].pid == 0 || since == 0 ||
		    now - since < p->conf->worker_stuck * 1000)
			continue;
		log_error("%s %d is stuck for %lld s: killed", role_names[p->role[i]],
		    p->slots[i].pid, (long long)(now - since) / 1000);
		(void)kill(p->slots[i].pid, SIGKILL);
	}
}

static void
make_old(struct parent *p)
{
	for (unsigned i = 0; i < SLOTS; i++)
		p->old[i] = p->slots[i].pid != 0;
}

/* Reads the settings again; the workers that have the earlier ones finish what they do. */
static void
reload(struct parent *p)
{
	struct conf *next = malloc(sizeof(*next));
	struct buf errors;

	if (next == NULL)
		abort();
	buf_init(&errors, 8192);
	conf_init(next);
	if (conf_load(next, p->path, &errors)) {
		conf_finish(p->conf);
		free(p->conf);
		p->conf = next;
		make_old(p);
		log_info("settings were read again, new workers start");
	} else {
		log_error("the settings stay as they were: %s", errors.p);
		conf_finish(next);
		free(next);
	}
	buf_finish(&errors);
}

static void
stop_all(struct parent *p)
{
	int64_t end = clock_mono() + STOP_MS;

	make_old(p);
	while (count_old(p) > 0 && clock_mono() < end) {
		nudge_old(p);
		(void)usleep(NUDGE_MS * 200);
		reap(p);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		if (p->slots[i].pid != 0)
			(void)kill(p->slots[i].pid, SIGKILL);
	}
	while (wait(NULL) > 0)
		continue;
}

static void
supervise(struct parent *p)
{
	while (!stop_asked) {
		if (reload_asked) {
			reload_asked = 0;
			reload(p);
		}
		reap(p);
		start_missing(p, FEEDER, 1);
		start_missing(
		    p, COURIER, couriers_wanted(p, COURIER, p->conf->webhook_url[0] != 0));
		start_missing(p, POSTER, couriers_wanted(p, POSTER, p->conf->room_webhooks));
		start_missing(p, PREVIEWER, couriers_wanted(p, PREVIEWER, p->conf->link_previews));
		start_missing(p, MAILER, couriers_wanted(p, MAILER, p->conf->smtp_url[0] != 0));
		start_missing(p, USHER, couriers_wanted(p, USHER, p->conf->sfu_url[0] != 0));
		start_missing(p, INDEXER, 1);
		start_missing(p, WORKER, (unsigned)p->conf->workers);
		nudge_old(p);
		kill_stuck(p);
		(void)usleep(NUDGE_MS * 1000); /* a signal ends it early */
	}
}

int
parent_run(struct conf *conf, const char *path)
{
	static struct parent p;

	p = (struct parent){.conf = conf, .path = path};
	p.slots = mmap(NULL, SLOTS * sizeof(*p.slots), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.slots == MAP_FAILED || !password_init() || !providers_init() || !hang_init() ||
	    !turns_init()) {
		log_error("can't start: %s", strerror(errno));
		return 1;
	}
	(void)filestore_prepare(conf); /* without it everything else works */
	if ((p.listener = fcgi_listen(conf->api_socket, conf->socket_group)) < 0) {
		log_error("can't listen at %s: %s", conf->api_socket, strerror(errno));
		return 1;
	}
	set_signals();
	log_info("ready: %lld workers at %s", (long long)conf->workers, conf->api_socket);
	supervise(&p);
	log_info("stopping");
	stop_all(&p);
	(void)close(p.listener);
	(void)unlink(p.conf->api_socket);
	(void)munmap(p.slots, SLOTS * sizeof(*p.slots));
	conf_finish(p.conf);
	free(p.conf);
	return 0;
}
