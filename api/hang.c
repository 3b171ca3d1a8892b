/* SPDX-License-Identifier: MIT */
#include "hang.h"

#include "shared/clock.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#define HANG_MS 500 /* what counts as long, and how long it is believed */

static _Atomic int64_t *until; /* shared by all workers; NULL in programs without any */

bool
hang_init(void)
{
	void *p =
	    mmap(NULL, sizeof(*until), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	until = p == MAP_FAILED ? NULL : p;
	return until != NULL;
}

bool
hang_is_on(void)
{
	return until != NULL && clock_mono() < atomic_load(until);
}

void
hang_note(int64_t since)
{
	int64_t now = clock_mono();

	if (until != NULL && now - since > HANG_MS)
		atomic_store(until, now + HANG_MS);
}
