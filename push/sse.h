/* SPDX-License-Identifier: MIT */
/* Server-Sent Events (WHATWG HTML section 9.2), for networks that break websockets: the same
 * messages, each the data of an event without a name.
 *
 * The id of an event is the place in all streams that this connection has reached,
 * "lobby:40:77,presence-room-7:12:88": channel, seq, mid. A browser that comes back sends the last
 * one (Last-Event-ID), and every stream goes on from there. An event and its id are one block, so
 * both arrive or neither. As nobody can answer a ping here, a client has to come back every
 * push_hangup seconds (silence.h): so a dead one counts as present no longer than on a websocket.
 */
#ifndef MARU_SSE_H
#define MARU_SSE_H

#include "conn.h"

struct sse;

struct sse *sse_create(void);
void sse_destroy(struct sse *s); /* accepts NULL */

/* What comes before everything else: the head of the answer, and how soon to come back. */
extern unsigned char sse_head[];

/* Adds a message as a block; pings are comments, close frames nothing. */
void sse_add(struct conn *c, const struct msg *m, struct buf *out);

/* Takes messages off the queue until about max bytes are added, at least one. */
void sse_gather(struct conn *c, struct buf *out, size_t max);

#endif
