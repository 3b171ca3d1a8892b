/* SPDX-License-Identifier: MIT */
/* The log: everything durable is an event in a stream, and takes its next seq.
 *
 * Within a transaction streams are locked in the order room, user, lobby, system, and before any
 * other row of the room is locked or read for a decision: so two transactions never wait for each
 * other, and what was read under the lock is still true at COMMIT.
 */
#ifndef MARU_STREAM_H
#define MARU_STREAM_H

#include "notify.h"

/* Makes the counter of a new room or user. */
enum err stream_create(struct req *r, enum wire_kind kind, uint64_t id);

/* Takes the next seq and a mid, and holds the stream until the transaction ends. ERR_NOT_FOUND if
 * there is no such stream. */
enum err stream_next(struct req *r, enum wire_kind kind, uint64_t id, struct stream_pos *at);

/* Holds the stream until the transaction ends, for what is no event of it. ERR_NOT_FOUND if there
 * is no such stream. */
enum err stream_hold(struct req *r, enum wire_kind kind, uint64_t id);

/* The last event's place. Read it before you look up a right: what was allowed up to this seq may
 * be shown, whatever happens meanwhile. ERR_NOT_FOUND if there is no such stream. */
enum err stream_head(struct req *r, enum wire_kind kind, uint64_t id, struct stream_pos *at);

/* Stores the event at a position taken before, and queues it for push. seq and mid are added to
 * data; the reference stays the caller's. */
enum err stream_store(struct req *r, const struct stream_pos *at, enum event ev, json_t *data);

/* The same for an event that changes a message: data is pushed, but only `target`, the message's
 * seq, is stored. Whoever reads the log later finds the message as it then is. */
enum err stream_store_change(
    struct req *r, const struct stream_pos *at, enum event ev, json_t *data, uint64_t target);

/* Ends a session for push: its connections are closed. */
enum err stream_end_session(struct req *r, uint64_t user, uint64_t session);

/* stream_next and stream_store at once. */
enum err stream_append(
    struct req *r, enum wire_kind kind, uint64_t id, enum event ev, json_t *data);

#endif
