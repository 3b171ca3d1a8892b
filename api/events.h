/* SPDX-License-Identifier: MIT */
/* Reading the log of a stream. */
#ifndef MARU_EVENTS_H
#define MARU_EVENTS_H

#include "req.h"
#include "shared/wire.h"

/* Reads what happened in a stream after a seq and up to another, at most limit events {seq, mid,
 * type, data} in order, as the asker may see them: without one (the feeder) all that there is.
 * `until` must be a head that was read before: then nothing is missing between the first and the
 * last of them, though two statements see two moments. */
enum err events_read(struct req *r, enum wire_kind kind, uint64_t stream, uint64_t after,
    uint64_t until, uint64_t limit, json_t **events);

/* Puts placeholders in the place of messages up to a seq in the data of events that change them:
 * who may see what came after `from` does not read by a change what was said before. */
void events_veil(json_t *events, uint64_t from);
/* What a client knows of one of its streams, and what is read of it. */
struct events_want {
	enum wire_kind kind;
	uint64_t stream;
	uint64_t after;  /* what it knows */
	uint64_t until;  /* up to here */
	uint64_t from;   /* it may see what came after this only, see events_veil() */
	const char *mid; /* of the event `after`, if it says so, else NULL */
	bool changed;    /* that is another event now */
	json_t *events;  /* as events_read() gives them */
};

/* Reads them all with few statements, however many they are: sets `changed`, and `events` where it
 * is not. All of them together must not be more than EVENTS_MAX. */
enum err events_read_all(struct req *r, struct events_want *wants, size_t n);

#define EVENTS_MAX 1000 /* in one answer */

#endif
