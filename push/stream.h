/* SPDX-License-Identifier: MIT */
/* The order of one stream as this daemon knows it: what was delivered, what waits for an earlier
 * event, what is kept for those who come back. Pure bookkeeping: no sockets, no clock, no channel.
 *
 * Packets are hints. They come doubled, late, in the wrong order or never; stream_put() takes them
 * as they come and stream_next() gives them out each once and in the order of seq. Each event names
 * the mid of the one before: what does not fit belongs to another history (a crash took the end of
 * the log, a backup was restored), which is never mixed with the one that was given out.
 */
#ifndef MARU_STREAM_H
#define MARU_STREAM_H

#include "msg.h"
#include "wire.h"

#define STREAM_KEEP    256  /* delivered events that are kept */
#define STREAM_RECOVER 1000 /* most events that a client is given after it was away */
#define STREAM_FETCH   1300 /* most events asked for at once */

struct stream_event {
	uint64_t seq, mid;
	uint64_t prev;          /* mid of the event before, 0: not known */
	uint64_t user, session; /* whom it removes and what it changes, see wire.h */
	uint64_t sender;        /* whose message it is about */
	struct msg *msg;
};

/* Events in ascending order of seq, in a ring. */
struct stream_list {
	struct stream_event *p;
	uint32_t first, count, size;
};

struct stream {
	enum wire_kind kind;
	uint64_t id;
	uint64_t last;              /* seq of the last event that was given out */
	uint64_t mid;               /* of that event, 0: not known */
	uint64_t target;            /* highest seq that is known to exist */
	struct stream_list kept;    /* last - count + 1 ... last */
	struct stream_list held;    /* above last, with gaps */
	struct stream_list fetched; /* of the answer that is coming in */
	size_t bytes;               /* of all messages above */
};

enum stream_result {
	STREAM_TAKEN,
	STREAM_KNOWN, /* had it already, or no room: it will be fetched */
	STREAM_FORKED /* another event has this seq: the history is not the one we know */
};

/* Follows a stream from a seq on: the first event to be given out is last + 1. mid: of last. */
void stream_init(struct stream *s, enum wire_kind kind, uint64_t id, uint64_t last, uint64_t mid);

/* Forgets everything but last and its mid. */
void stream_restart(struct stream *s, uint64_t last, uint64_t mid);
void stream_finish(struct stream *s);

/* Takes an event, with a reference of its own. */
enum stream_result stream_put(struct stream *s, const struct stream_event *e);

/* The next event in order, now among the kept ones; NULL while it is missing, or if it does not
 * follow the last one: then stream_is_forked(). */
const struct stream_event *stream_next(struct stream *s);
bool stream_is_forked(const struct stream *s);

/* Compares with the head that the database has, and learns of it. */
enum stream_result stream_head(struct stream *s, uint64_t head, uint64_t mid);

/* Drops the oldest kept events until at most n are left. */
void stream_trim(struct stream *s, uint32_t n);

/* Whether events are missing that are known to exist. */
bool stream_has_gap(const struct stream *s);

/* Whether all events above a seq, up to last, are kept. */
bool stream_covers(const struct stream *s, uint64_t after);

/* The kept event with this seq, or NULL. */
const struct stream_event *stream_at(const struct stream *s, uint64_t seq);

/* The mid of the event with this seq, 0 if it is not known. */
uint64_t stream_mid(const struct stream *s, uint64_t seq);

/* One event of a fetched answer, in ascending order; nothing happens before stream_merge(). */
void stream_collect(struct stream *s, const struct stream_event *e);

/* The answer to "above after" is complete: newer events are put, older ones join the kept ones if
 * they reach up to these. head: the stream's, as it was read after everything up to `asked` had
 * been given out here; a lower one means that the history is not the one we know. *sure: up to this
 * seq the answer had all that exists; what it lacks is gone for good. */
enum stream_result stream_merge(
    struct stream *s, uint64_t after, uint64_t head, uint64_t asked, uint64_t *sure);

/* Drops what came of an answer so far. */
void stream_forget_answer(struct stream *s);

/* Goes on behind events that no longer exist: to the one before the next that is held, or to
 * `sure`. */
void stream_skip(struct stream *s, uint64_t sure);

#endif
