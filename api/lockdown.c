/* SPDX-License-Identifier: MIT */
/* Four locks, each of which works without privileges: limits of the process, no new privileges,
 * Landlock for files, and a filter of system calls for everything else.
 *
 * The filter names what is forbidden. A list of what is allowed would be longer than the decoders
 * deserve, and another one for each version of their fifty libraries. */
#include "lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ADDRESSES ((size_t)1 << 30) /* libraries and reserved addresses are not memory yet */
#define STACK     ((size_t)2 << 20) /* also of each thread */
#define FILES     64
#define NICENESS  5
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

/* ---- limits ---- */

/* RLIMIT_NPROC is not among them: it counts whatever the user runs, workers and all. That there is
 * no fork is the filter's work. */
static bool
set_limits(const struct lockdown *l)
{
	const struct {
		__rlimit_resource_t what;
		size_t most;
	} limits[] = {
	    {RLIMIT_CPU, l->seconds},
	    {RLIMIT_FSIZE, l->file},
	    {RLIMIT_NOFILE, FILES},
	    {RLIMIT_CORE, 0},
	    {RLIMIT_STACK, STACK},
	    {RLIMIT_MEMLOCK, 0},
	    {RLIMIT_MSGQUEUE, 0},
	    {RLIMIT_DATA, l->data},
	    {RLIMIT_AS, ADDRESSES},
	};

	for (size_t i = 0; i < COUNT(limits); i++) {
		struct rlimit limit = {limits[i].most, limits[i].most};

		if (setrlimit(limits[i].what, &limit) != 0)
			return false;
	}
	return true;
}

/* ---- files ---- */

/* Of Landlock's third version, which the headers of Debian 12 do not have in each update. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#define FILE_READ   (LANDLOCK_ACCESS_FS_READ_FILE)
#define FILE_WRITE  (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define BELOW_READ  (FILE_READ | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ALL_FIRST   ((1ULL << 13) - 1) /* what the first version knows */
#define ALL_SECOND  (ALL_FIRST | LANDLOCK_ACCESS_FS_REFER)
#define ALL_PRESENT (ALL_SECOND | LANDLOCK_ACCESS_FS_TRUNCATE)

/* A path that does not exist needs no rule. */
static bool
let(int rules, uint64_t handled, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access & handled};
	bool ok;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT;
	ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	(void)close(rule.parent_fd);
	return ok;
}

static bool
let_all(int rules, uint64_t handled, const struct lockdown *l)
{
	return let(rules, handled, "/usr", BELOW_READ) && let(rules, handled, "/lib", BELOW_READ) &&
	       let(rules, handled, "/lib64", BELOW_READ) &&
	       let(rules, handled, "/etc/ld.so.cache", FILE_READ) &&
	       let(rules, handled, "/dev/null", FILE_READ | FILE_WRITE) &&
	       let(rules, handled, l->reads, FILE_READ) &&
	       (l->writes == NULL || let(rules, handled, l->writes, FILE_READ | FILE_WRITE));
}

/* A kernel that has no Landlock, or was started without it, leaves files to their modes. */
static bool
shut_files(const struct lockdown *l)
{
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = {.handled_access_fs = version >= 3   ? ALL_PRESENT
								  : version == 2 ? ALL_SECOND
										 : ALL_FIRST};
	int rules;
	bool ok;

	if (version < 1)
		return true;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (rules < 0)
		return false;
	ok = let_all(rules, attr.handled_access_fs, l) &&
	     syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	(void)close(rules);
	return ok;
}

/* ---- system calls ---- */

/* The network; other processes, which belong to the same user; ways around the filter; what
 * outlives a process. */
static const int forbidden[] = {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(socketcall),
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(kcmp), SCMP_SYS(setpriority), SCMP_SYS(ioprio_set),
    SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setattr), SCMP_SYS(sched_setparam),
    SCMP_SYS(migrate_pages), SCMP_SYS(move_pages), SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(bpf), SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
    SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(name_to_handle_at), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(personality), SCMP_SYS(shmget), SCMP_SYS(shmat), SCMP_SYS(shmctl), SCMP_SYS(msgget),
    SCMP_SYS(msgctl), SCMP_SYS(semget), SCMP_SYS(semctl), SCMP_SYS(mq_open), SCMP_SYS(mq_unlink),
    SCMP_SYS(setsid), SCMP_SYS(setpgid)};

/* Threads are made by clone(), whose flags a filter can see; those of clone3() it can't, and glibc
 * falls back if the kernel does not have it. Signals, which abort() sends, and limits: its own. */
static bool
add_conditions(scmp_filter_ctx filter)
{
	uint32_t refused = SCMP_ACT_ERRNO(EPERM);
	scmp_datum_t self = (scmp_datum_t)getpid();

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       seccomp_rule_add(filter, refused, SCMP_SYS(clone), 1,
		   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0 &&
	       seccomp_rule_add(filter, refused, SCMP_SYS(kill), 1, SCMP_A0(SCMP_CMP_NE, self)) ==
		   0 &&
	       seccomp_rule_add(filter, refused, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, self)) ==
		   0 &&
	       seccomp_rule_add(filter, refused, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0)) ==
		   0;
}

static bool
shut_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = filter != NULL;

	for (size_t i = 0; ok && i < COUNT(forbidden); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0) == 0;
	ok = ok && add_conditions(filter) && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	return ok;
}

bool
lockdown(const struct lockdown *l)
{
	/* Whether it may be nicer is not worth failing for. */
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);
	/* The limits come last: the locks take some memory, under a sanitizer a lot of addresses.
	 */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && shut_files(l) && shut_calls() &&
	       set_limits(l);
}
