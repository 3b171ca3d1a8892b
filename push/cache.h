/* SPDX-License-Identifier: MIT */
/* The last event of each cache channel (`cache-x`, `private-cache-x`, `presence-cache-x`,
 * `private-encrypted-cache-x`), for whoever subscribes later. It is kept for CACHE_MS whether
 * anybody listens or not; over all channels as many as CACHE_COUNT and CACHE_BYTES allow, the
 * oldest go first. Client events are not kept.
 */
#ifndef MARU_CACHE_H
#define MARU_CACHE_H

#include "msg.h"

#define CACHE_MS    1800000 /* Pusher Channels keeps them for 30 minutes */
#define CACHE_COUNT 10000
#define CACHE_BYTES ((size_t)16 << 20)

/* Whether this is the name of a cache channel. */
bool cache_is_for(struct str channel);

/* Keeps an event of a cache channel, with a reference of its own. */
void cache_put(struct str channel, struct msg *m, int64_t now);

/* The event, borrowed, or NULL. now: clock_mono(). */
struct msg *cache_get(struct str channel, int64_t now);

/* For how many milliseconds more cache_get() would give it; 0: there is none. */
int64_t cache_left(struct str channel, int64_t now);

void cache_finish(void);

#endif
