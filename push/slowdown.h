/* SPDX-License-Identifier: MIT */
/* How long to leave a server alone that fails, so that not each of ten thousand files runs into the
 * same timeout; and how long a single file waits.
 *
 * After a failure nothing is tried for a second, then one file at a time, with ever longer rests,
 * up to a minute. What works opens the door again: one, two, four at a time.
 */
#ifndef MARU_SLOWDOWN_H
#define MARU_SLOWDOWN_H

#include <stdbool.h>
#include <stdint.h>

struct slowdown {
	unsigned max;   /* attempts at the same time */
	unsigned width; /* of these, allowed now */
	unsigned tries; /* failures in a row; 0: the server works */
	int64_t until;  /* rest up to this time, monotonic milliseconds */
};

void slowdown_init(struct slowdown *s, unsigned max);

/* Whether one more may begin while so many are under way. */
bool slowdown_allows(const struct slowdown *s, unsigned active, int64_t now);

/* The server failed an attempt that began when `tries` was this. Those that began before an earlier
 * failure tell nothing new. retry_after: seconds that the server asks for, or 0. random: any
 * number. */
void slowdown_failed(
    struct slowdown *s, unsigned tries, int64_t retry_after, uint64_t random, int64_t now);

/* An attempt has worked. True: the server had failed before. */
bool slowdown_worked(struct slowdown *s);

/* Milliseconds from the half to the whole of 1 s, 2 s, 4 s ... max, before the next try after so
 * many failures. */
int64_t slowdown_delay(unsigned failures, int64_t max, uint64_t random);

#endif
