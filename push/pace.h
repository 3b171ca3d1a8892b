/* SPDX-License-Identifier: MIT */
/* "At most so many per second": in a second that begins with the first (pace), for log lines that
 * strangers can cause and for what clients relay; or on average, with a burst (bucket). */
#ifndef MARU_PACE_H
#define MARU_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing happened yet. */
struct pace {
	int64_t since; /* start of the second that is counted, monotonic milliseconds */
	uint32_t count;
};

/* Counts one event; false if it is one too many for its second. now: clock_mono(). */
static inline bool
pace_allow(struct pace *p, uint32_t max, int64_t now)
{
	if (now - p->since >= 1000 || p->since == 0) {
		p->since = now;
		p->count = 0;
	}
	return p->count++ < max;
}

/* A bucket of tokens, as the time at which it will be full again. Zeroed: full. */
struct bucket {
	int64_t full_at; /* monotonic microseconds */
};

/* Takes a token; false if there is none. per_second is how many come in, burst how many there are
 * when it is full. now: clock_mono(). */
static inline bool
bucket_take(struct bucket *b, int64_t per_second, int64_t burst, int64_t now)
{
	int64_t time = now * 1000, each = 1000000 / per_second;
	int64_t from = b->full_at > time ? b->full_at : time;

	if (from + each - time > burst * each)
		return false;
	b->full_at = from + each;
	return true;
}

#endif
