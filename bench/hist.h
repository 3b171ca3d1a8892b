/* SPDX-License-Identifier: MIT */
/* A histogram of times in microseconds, as HdrHistogram does it: 64 steps for each power of two, so
 * that every figure is exact to 1.6 %, in constant memory.
 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdint.h>

#define HIST_STEPS   64U
#define HIST_BUCKETS (HIST_STEPS * 34U) /* up to 2^39 us */

struct hist {
	uint64_t n;
	uint64_t max;
	uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t us);
void hist_merge(struct hist *into, const struct hist *from);

/* The time that `share` (0 to 1) of all are not above; 0 if there are none. */
uint64_t hist_quantile(const struct hist *h, double share);

#endif
