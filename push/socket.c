/* SPDX-License-Identifier: MIT */
/* Sockets as files, and the limit of open files; see socket.h. */
#include "socket.h"

#include "log.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

size_t
socket_files(size_t need)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return need;
	if (limit.rlim_max < need)
		log_warn("open files are limited to %ju, %zu are needed (push_connections here, "
			 "LimitNOFILE= of the service)",
		    (uintmax_t)limit.rlim_max, need);
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warn("can't set the limit of open files: %s", strerror(errno));
	return (size_t)limit.rlim_cur;
}
