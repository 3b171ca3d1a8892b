/* SPDX-License-Identifier: MIT */
/* Sockets as files, and the limit of open files; see socket.h.
 *
 * accept(2) is defined here, as recv(2) is in tap.c. Where no descriptor is left it fails and the
 * client stays in the queue, so that the loop would wake at once, again and again, and the client
 * wait for nothing. One descriptor is kept for that: the client gets it, and is hung up on.
 */
#include "socket.h"

#include "clock.h"
#include "log.h"
#include "pace.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

bool
socket_is_free(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd, rc;

	if (n == 0 || n >= sizeof(address.sun_path)) {
		log_error("push_socket: the path is empty or too long");
		return false;
	}
	memcpy(address.sun_path, path, n);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return false;
	rc = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	(void)close(fd);
	if (rc == 0)
		log_error("push_socket %s: another maru-push is running", path);
	return rc != 0;
}

bool
socket_give(const char *path, const char *name)
{
	const struct group *group;

	if (name[0] == '\0')
		return true;
	errno = 0;
	if ((group = getgrnam(name)) == NULL)
		log_error("socket_group: there is no group \"%s\"", name);
	else if (chown(path, (uid_t)-1, group->gr_gid) != 0)
		log_error("push_socket %s: %s", path, strerror(errno));
	else
		return true;
	return false;
}

static int kept = -1; /* given up for a moment where no other is left */
static size_t files;  /* that may be open */

static void
keep_one(void)
{
	kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

size_t
socket_files(size_t websockets)
{
	size_t need = websockets + SOCKET_SPARE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return files = need;
	if (limit.rlim_max < need)
		log_warn("open files are limited to %ju, %zu are needed (push_connections here, "
			 "LimitNOFILE= of the service)",
		    (uintmax_t)limit.rlim_max, need);
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warn("can't set the limit of open files: %s", strerror(errno));
	keep_one();
	return files = (size_t)limit.rlim_cur;
}

bool
socket_has_room(int fd)
{
	size_t rest = files < 2 * SOCKET_SPARE ? files / 4 : SOCKET_SPARE / 2;

	return (size_t)fd < files - rest;
}

static int
accept_any(int listener, struct sockaddr *address, socklen_t *size, int flags)
{
	return (int)syscall(SYS_accept4, listener, address, size, flags);
}

/* Hangs up on the next client. */
static void
turn_away(int listener)
{
	static struct pace pace;
	int fd;

	if (pace_allow(&pace, 1, clock_mono()))
		log_warn("clients are turned away: %s", strerror(errno));
	(void)close(kept);
	if ((fd = accept_any(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		(void)close(fd);
	keep_one();
}

int
accept4(int listener, __SOCKADDR_ARG address, socklen_t *size, int flags)
{
	int fd = accept_any(listener, address.__sockaddr__, size, flags);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		turn_away(listener);
		errno = EAGAIN;
	}
	return fd;
}

int
accept(int listener, __SOCKADDR_ARG address, socklen_t *size)
{
	return accept4(listener, address, size, 0);
}
