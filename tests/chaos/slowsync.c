/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD for mariadbd: while the file $MARU_SLOWSYNC exists, fsync() and fdatasync() wait, each
 * at most 20 s. That holds a COMMIT at the moment at which it is visible but not yet safe.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_US 2000
#define STEPS   10000

int fsync(int fd);
int fdatasync(int fd);

static void
wait_while_armed(void)
{
	const char *path = getenv("MARU_SLOWSYNC");

	for (int i = 0; path != NULL && i < STEPS && access(path, F_OK) == 0; i++)
		(void)usleep(STEP_US);
}

static int
real(const char *name, int fd)
{
	int (*call)(int);
	void *symbol = dlsym(RTLD_NEXT, name);

	/* ISO C knows no cast from data to code. */
	__builtin_memcpy(&call, &symbol, sizeof(call));
	return call(fd);
}

int
fsync(int fd)
{
	wait_while_armed();
	return real("fsync", fd);
}

int
fdatasync(int fd)
{
	wait_while_armed();
	return real("fdatasync", fd);
}
