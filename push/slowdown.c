/* SPDX-License-Identifier: MIT */
/* The rules behind slowdown.h. */
#include "slowdown.h"

#define FIRST_MS  1000
#define REST_MAX  60000
#define WISH_MAX  300 /* seconds of Retry-After that are honoured */
#define DOUBLINGS 20

void
slowdown_init(struct slowdown *s, unsigned max)
{
	*s = (struct slowdown){.max = max, .width = max};
}

bool
slowdown_allows(const struct slowdown *s, unsigned active, int64_t now)
{
	return active < s->width && now >= s->until;
}

int64_t
slowdown_delay(unsigned failures, int64_t max, uint64_t random)
{
	unsigned doublings = failures > DOUBLINGS ? DOUBLINGS : failures - (failures > 0);
	int64_t whole = (int64_t)FIRST_MS << doublings;

	if (whole > max)
		whole = max;
	return whole / 2 + (int64_t)(random % (uint64_t)(whole / 2 + 1));
}

void
slowdown_failed(
    struct slowdown *s, unsigned tries, int64_t retry_after, uint64_t random, int64_t now)
{
	int64_t rest;

	if (tries != s->tries)
		return;
	s->tries++;
	s->width = 1;
	rest = slowdown_delay(s->tries, REST_MAX, random);
	if (retry_after > WISH_MAX)
		retry_after = WISH_MAX;
	if (retry_after * 1000 > rest)
		rest = retry_after * 1000;
	s->until = now + rest;
}

bool
slowdown_worked(struct slowdown *s)
{
	bool failed = s->tries > 0;

	s->tries = 0;
	s->width = s->width * 2 < s->max ? s->width * 2 : s->max;
	return failed;
}
