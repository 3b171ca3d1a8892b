/* SPDX-License-Identifier: MIT */
/* "At most so many per second", for log lines that strangers can cause and for what clients relay.
 */
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

#endif
