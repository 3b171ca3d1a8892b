/* SPDX-License-Identifier: MIT */
/* Attempts are counted before they are made, in the database, so that many workers at once and a
 * restart change nothing. Call outside a transaction: a rollback must not forget an attempt. */
#ifndef MARU_THROTTLE_H
#define MARU_THROTTLE_H

#include "req.h"

/* Counts one attempt under a name, in a window of seconds that starts with the first. ERR_THROTTLED
 * with Retry-After if there were more than limit. */
enum err throttle_take(struct req *r, const char *name, int64_t limit, int64_t window);

/* Takes attempts back: they turned out to be right. */
enum err throttle_clear(struct req *r, const char *name);

/* The client's network for counting, in the arena: an IPv4 /24 or an IPv6 /64 (RFC 6177 gives a
 * household at least that). */
const char *throttle_network(struct req *r);

#endif
