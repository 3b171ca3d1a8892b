/* SPDX-License-Identifier: MIT */
/* What the daemon counts (stats.def), and how it is told: Prometheus' text format, version 0.0.4.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#ifndef MARU_STATS_H
#define MARU_STATS_H

#include "buf.h"

#include <stdint.h>

struct hub;

struct stats {
#define COUNTER(name, help) uint64_t name;
#define STORED(name, help)
#include "stats.def"
#undef COUNTER
#undef STORED
};

/* What the thread for the bucket (store.h) counts, and the loop tells. */
struct store_stats {
#define COUNTER(name, help)
#define STORED(name, help) _Atomic uint64_t name;
#include "stats.def"
#undef COUNTER
#undef STORED
	_Atomic uint64_t waiting; /* files and deletions that are known and not done */
	_Atomic uint64_t trouble; /* 1: the bucket does not work now */
};

/* One process, one set of counters; whoever does a thing counts it. */
extern struct stats stats;
extern struct store_stats store_stats;

/* A connection ended with this close code, 0: without one. */
void stats_closed(unsigned code);

/* A turn of the loop took so many seconds, during which nobody else was served. now: monotonic
 * milliseconds. */
void stats_turn(double seconds, int64_t now);

/* Appends all counters and what they are now. */
void stats_write(const struct hub *h, int64_t now, struct buf *out);

#endif
