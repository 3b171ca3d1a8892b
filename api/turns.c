/* SPDX-License-Identifier: MIT */
#include "turns.h"

#include "places.h"

#define SHARE   4 /* one of so many workers may do it */
#define WAIT_MS 200
#define LATER   10 /* seconds */

static struct places workers, people;

bool
turns_init(void)
{
	return places_init(&workers, "maru-turns") && places_init(&people, "maru-turns-people");
}

static void
end_work(void *place)
{
	places_leave(&workers, (long)(intptr_t)place);
}

static void
end_person(void *user)
{
	places_leave(&people, (long)(intptr_t)user);
}

enum err
turns_take(struct req *r)
{
	long share = r->conf->workers / SHARE, place;

	r->retry_after = LATER;
	if (!places_claim(&people, (long)r->user))
		return req_fail(r, ERR_THROTTLED, "one export or import at a time");
	arena_defer(&r->mem, end_person, (void *)(intptr_t)r->user);
	if ((place = places_enter(&workers, share < 1 ? 1 : share, WAIT_MS)) < 0)
		return ERR_UNAVAILABLE;
	arena_defer(&r->mem, end_work, (void *)(intptr_t)place);
	r->retry_after = 0;
	return OK;
}
