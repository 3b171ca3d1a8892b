/* SPDX-License-Identifier: MIT */
/* Telling maru-push what happened. Packets wait on the request and go out after COMMIT, so an event
 * for a row that was rolled back can't exist. Sending never waits: a packet that can't be delivered
 * now is counted and forgotten, because the truth is in the database.
 */
#ifndef MARU_NOTIFY_H
#define MARU_NOTIFY_H

#include "req.h"
#include "shared/event.h"
#include "shared/wire.h"

/* What happened where: one place in a stream. */
struct stream_pos {
	enum wire_kind kind;
	uint64_t id;
	uint64_t seq;
	uint64_t mid;
	uint64_t prev; /* mid of the event before, 0: not known */
};

struct notify *notify_create(const struct conf *conf);
void notify_destroy(struct notify *n); /* accepts NULL */

/* Queues an event for the stream's channel; data is the event's JSON. */
void notify_event(struct req *r, const struct stream_pos *at, enum event ev, const json_t *data);

/* The same with data that is text already, of an event that brings a message of the asker. */
void notify_text(struct req *r, const struct stream_pos *at, enum event ev, struct str data);

/* Makes the packet of an event: what notify_event() queues. Texts belong to the request. Whom the
 * event removes (event.def), and whose message it is about, stands in its header. */
void notify_fill(struct req *r, struct wire_packet *p, enum wire_op op, const struct stream_pos *at,
    const char *type, const json_t *data);

/* Sends what is queued. */
void notify_flush(struct req *r);

/* Queues an event of an application for a channel that is no stream: not durable, not numbered.
 * except: the socket that does not get it (socketid.h), 0: all do. */
void notify_signal(
    struct req *r, const char *channel, const char *event, struct str data, uint64_t except);

/* Queues that the asker has read a room up to seq; shown: whether others are told (push/reads.h).
 */
void notify_read(struct req *r, uint64_t room, uint64_t seq, bool shown);

/* Queues the closing of all connections of this person, with a close code; 0: for good. */
void notify_cut(struct req *r, const char *user, unsigned code);

/* Queues that somebody (WIRE_EVERYBODY: all) may not hear a channel any more, but by a claim with a
 * head from seq on. The channel's name belongs to the request. */
void notify_revoke(struct req *r, const char *channel, uint64_t user, uint64_t seq);

/* Sends what is queued, and waits a little for a daemon that is behind: these packets are hints of
 * nothing stored. False: not all of it was taken. */
bool notify_deliver(struct req *r);

/* Whether maru-push can be reached; connects if need be. */
bool notify_alive(struct notify *n);

/* The channel of a stream: presence-room-7, private-user-5, lobby. */
const char *notify_channel(struct arena *mem, enum wire_kind kind, uint64_t id);

#endif
