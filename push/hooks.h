/* SPDX-License-Identifier: MIT */
/* What an application is told by webhooks: events as Pusher Channels documents them, each as JSON
 * to maru-api's feeder (WIRE_HOOK), which posts them. Only those that webhook_events names, and
 * never about Maru's own channels: its API tells of those, and without a loss.
 *
 * While no feeder is there, HOOKS_KEPT events wait; then the oldest are lost.
 */
#ifndef MARU_HOOKS_H
#define MARU_HOOKS_H

#include "buf.h"

#include <stdint.h>

#define HOOKS_KEPT  1000
#define HOOKS_BYTES ((size_t)8 << 20)

enum hook {
	HOOK_OCCUPIED,
	HOOK_VACATED,
	HOOK_MEMBER_ADDED,
	HOOK_MEMBER_REMOVED,
	HOOK_CLIENT_EVENT,
	HOOK_CACHE_MISS,
	HOOK_COUNT,
	HOOKS
};

struct conf;

void hooks_start(const struct conf *conf); /* after later_start() */
void hooks_stop(void);                     /* what waits is lost; may be called twice */

/* The first subscriber came, the last one went, or a cache was empty. A channel that is occupied
 * again within presence_linger was never vacated. */
void hooks_channel(enum hook what, struct str channel);

/* A member of a presence channel came or went. */
void hooks_member(enum hook what, struct str channel, struct str id);

/* How many listen. */
void hooks_count(struct str channel, uint32_t count);

/* A client said something to the others. user_id: of a presence channel, else empty. */
struct hooks_saying {
	struct str channel, event, data, socket_id, user_id;
};

void hooks_said(const struct hooks_saying *s);

/* Whether events of a kind are wanted at all. */
bool hooks_want(enum hook what);

/* A feeder has come. */
void hooks_flush(void);

#endif
