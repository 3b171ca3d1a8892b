/* SPDX-License-Identifier: MIT */
/* Following the streams behind our channels: every subscriber gets each event once and in order, or
 * is told to reload.
 *
 * Events come from the workers as they happen (bus.c). What is missing for 20 ms is asked of
 * the feeder; once a second it is asked for the heads, so that what never came is missed at all.
 * Events that were delivered are kept for a while, for those who were away.
 *
 * A client that subscribes with "after": {"seq", "mid"} gets what came since, up to
 * STREAM_RECOVER events, all of them and in order, or "recovered": false: then it reloads. Channels
 * of other names have no stream and never come here.
 */
#ifndef MARU_FOLLOW_H
#define MARU_FOLLOW_H

#include "claim.h"
#include "hub.h"
#include "wire.h"

struct ev_loop;
struct follow;

/* What a subscriber brings along. */
struct follow_terms {
	struct claim claim;
	bool resume; /* it said after which event it was away */
	uint64_t after;
	uint64_t mid; /* of that event; 0: it did not say */
};

/* Starts the timers, and follows the lobby and the ended sessions. */
void follow_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub);
void follow_stop(void);

/* A subscription of a channel of ours that was just linked: confirms it, now or as soon as what it
 * missed is here. */
void follow_join(struct sub *s, const struct follow_terms *t);

/* The subscription is about to end. */
void follow_part(struct sub *s);

/* The channel is being freed. */
void follow_drop(struct channel *ch);

/* Packets of the bus. */
void follow_event(const struct wire_packet *p);
void follow_fetched(const struct wire_packet *p);
void follow_head(const struct wire_packet *p);
void follow_heads(const struct wire_packet *p);

/* Bytes of events that are kept or wait. */
size_t follow_bytes(void);

/* A feeder has come, or the one we had is gone: open questions are asked anew. */
void follow_feeder(void);

#endif
