/* SPDX-License-Identifier: MIT */
#include "hist.h"

static unsigned
index_of(uint64_t us)
{
	unsigned shift;

	if (us < 2 * HIST_STEPS)
		return (unsigned)us;
	shift = 57U - (unsigned)__builtin_clzll(us); /* us >> shift is in [64, 128) */
	if (shift >= HIST_BUCKETS / HIST_STEPS - 1)
		return HIST_BUCKETS - 1;
	return shift * HIST_STEPS + (unsigned)(us >> shift);
}

/* The greatest time that falls into a bucket. */
static uint64_t
top_of(unsigned index)
{
	unsigned shift = index < 2 * HIST_STEPS ? 0 : index / HIST_STEPS - 1;

	return (((uint64_t)index - shift * HIST_STEPS + 1) << shift) - 1;
}

void
hist_add(struct hist *h, uint64_t us)
{
	h->bucket[index_of(us)]++;
	h->n++;
	if (us > h->max)
		h->max = us;
}

void
hist_merge(struct hist *into, const struct hist *from)
{
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
	into->n += from->n;
	if (from->max > into->max)
		into->max = from->max;
}

uint64_t
hist_quantile(const struct hist *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->n + 0.999999), seen = 0;

	for (unsigned i = 0; i < HIST_BUCKETS && h->n > 0; i++) {
		seen += h->bucket[i];
		if (seen >= want)
			return top_of(i) < h->max ? top_of(i) : h->max;
	}
	return h->max;
}
