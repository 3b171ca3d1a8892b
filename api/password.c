/* SPDX-License-Identifier: MIT */
#include "password.h"

#include "places.h"

#include <unistd.h>

#define WAIT_MS 3000

static struct places places = {-1};
static long cores = 1;
static char nobody[CRYPT_STORED_SIZE]; /* compared with where there is no account */

bool
password_init(void)
{
	cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 1)
		cores = 1;
	return places_init(&places, "maru-password-places") &&
	       crypt_password_hash("nobody has this password", nobody);
}

enum err
password_hash(struct req *r, const char *password, char out[CRYPT_STORED_SIZE])
{
	long place = places_enter(&places, cores, WAIT_MS);
	bool ok;

	if (place < 0)
		return req_fail(r, ERR_UNAVAILABLE, "no place to hash a password came free");
	ok = crypt_password_hash(password, out);
	places_leave(&places, place);
	return ok ? OK : req_fail(r, ERR_UNAVAILABLE, "no memory to hash a password");
}

enum err
password_verify(struct req *r, const char *stored, const char *password)
{
	long place = places_enter(&places, cores, WAIT_MS);
	bool ok;

	if (place < 0)
		return req_fail(r, ERR_UNAVAILABLE, "no place to check a password came free");
	ok = crypt_password_verify(stored == NULL ? nobody : stored, password);
	places_leave(&places, place);
	return ok && stored != NULL ? OK : ERR_BAD_LOGIN;
}
