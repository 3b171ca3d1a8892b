/* SPDX-License-Identifier: MIT */
/* One followed stream, and the subscribers who are not confirmed yet: they wait for events that
 * this daemon does not have, or for the certainty that they were not removed meanwhile. follow.c's
 * own.
 */
#ifndef MARU_WAIT_H
#define MARU_WAIT_H

#include "follow.h"
#include "stream.h"

struct wait;

struct follow {
	struct stream stream;
	struct channel *channel;
	bool known;  /* where the stream is; else its head is being asked */
	bool forked; /* known is to become true again, with another history */
	bool busy;   /* follow.c: something is open */
	bool asking; /* the feeder was asked for what is above asked_after */
	bool cut;    /* the answer that is coming in began while nobody asked: it lacks that */
	int64_t asked_at;
	uint64_t asked_after;
	uint64_t start;     /* everything above it went through here */
	uint64_t claimed;   /* highest seq that a claim named: it existed */
	int64_t gap_since;  /* monotonic; 0: nothing is missing */
	int64_t idle_since; /* nobody listens; 0: somebody does, or it does not matter */
	int64_t spoke_at;   /* subscribers heard of the head */
	size_t counted;     /* bytes of the stream that follow.c has in its sum */
	struct wait *waits;
	struct follow *prev, *next;
	struct follow *busy_prev, *busy_next;
};

/* A new subscriber; confirms or refuses it at once if that is possible. */
void wait_add(
    struct follow *f, struct sub *s, const struct follow_terms *t, struct hub *hub, int64_t now);
void wait_remove(struct follow *f, const struct sub *s);

/* Confirms or refuses whoever can be. */
void wait_settle(struct follow *f, struct hub *hub, int64_t now);

/* The lowest seq above which somebody still needs events; UINT64_MAX if nobody does. */
uint64_t wait_wants(const struct follow *f);

/* The feeder has told all that there is above a seq, up to `sure`; the stream goes up to `head`. */
void wait_answered(struct follow *f, uint64_t after, uint64_t sure, uint64_t head);

#endif
