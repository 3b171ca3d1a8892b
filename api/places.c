/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEP_MS 2

bool
places_init(struct places *p, const char *name)
{
	p->fd = memfd_create(name, MFD_CLOEXEC);
	return p->fd >= 0;
}

static bool
try_lock(const struct places *p, long place, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};

	return fcntl(p->fd, F_SETLK, &lock) == 0;
}

long
places_enter(const struct places *p, long n, int wait_ms)
{
	for (int waited = 0; waited <= wait_ms; waited += STEP_MS) {
		for (long place = 0; place < n; place++) {
			if (try_lock(p, place, F_WRLCK))
				return place;
		}
		(void)usleep(STEP_MS * 1000);
	}
	return -1;
}

bool
places_claim(const struct places *p, long place)
{
	return try_lock(p, place, F_WRLCK);
}

void
places_leave(const struct places *p, long place)
{
	(void)try_lock(p, place, F_UNLCK);
}
