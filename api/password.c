/* SPDX-License-Identifier: MIT */
/* A place is a locked byte of a file without a name. The kernel lets go of it when its process
 * dies, so a killed worker never keeps one. */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define WAIT_STEP_US 2000
#define WAIT_STEPS   1500 /* 3 s */

static int places = -1;
static long cores = 1;
static char nobody[CRYPT_STORED_SIZE]; /* compared with where there is no account */

bool
password_init(void)
{
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 1)
		cores = 1;
	places = memfd_create("maru-password-places", MFD_CLOEXEC);
	return places >= 0 && crypt_password_hash("nobody has this password", nobody);
}

static bool
try_lock(off_t place, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};

	return fcntl(places, F_SETLK, &lock) == 0;
}

/* Takes a place; -1 if none came free. */
static off_t
enter(void)
{
	for (int step = 0; step < WAIT_STEPS; step++) {
		for (off_t place = 0; place < cores; place++) {
			if (try_lock(place, F_WRLCK))
				return place;
		}
		(void)usleep(WAIT_STEP_US);
	}
	return -1;
}

enum err
password_hash(struct req *r, const char *password, char out[CRYPT_STORED_SIZE])
{
	off_t place = enter();
	bool ok;

	if (place < 0)
		return req_fail(r, ERR_UNAVAILABLE, "no place to hash a password came free");
	ok = crypt_password_hash(password, out);
	(void)try_lock(place, F_UNLCK);
	return ok ? OK : req_fail(r, ERR_UNAVAILABLE, "no memory to hash a password");
}

enum err
password_verify(struct req *r, const char *stored, const char *password)
{
	off_t place = enter();
	bool ok;

	if (place < 0)
		return req_fail(r, ERR_UNAVAILABLE, "no place to check a password came free");
	ok = crypt_password_verify(stored == NULL ? nobody : stored, password);
	(void)try_lock(place, F_UNLCK);
	return ok && stored != NULL ? OK : ERR_BAD_LOGIN;
}
