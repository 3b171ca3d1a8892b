/* SPDX-License-Identifier: MIT */
/* The clients of session_fuzz.c and how they read: one message after the other, as frames of a
 * websocket or as Server-Sent Events, whose ids name the place in all streams that was sent.
 * Included once, after world.h. */
#ifndef MARU_FUZZ_HEARD_H
#define MARU_FUZZ_HEARD_H

#include "push/sse.h"

#define CLIENTS   5
#define SEATS     4 /* both rooms, the lobby, the user's own channel */
#define LAST_SEAT 3

enum seat_state { FREE, WAITING, CONFIRMED, REMOVED };

/* One client in one channel. What it was told last is its memory, over connections. */
struct seat {
	enum seat_state state;
	uint64_t at, at_mid; /* the last event that it has, or need not have; mid 0: who knows */
	uint64_t reset_at;   /* where the last reset told that the stream is */
	bool tainted;        /* it keeps an event that is no longer in the database */
	struct claim claim;
	uint64_t blocks_at; /* what the claim says of blocked people; one bit for each */
	unsigned blocks;
	bool has_claim;
	bool resume;
	uint64_t after, mid;     /* what it said about where it was */
	int64_t since;           /* when it subscribed */
	unsigned roster;         /* the members, one bit for each */
	unsigned signal;         /* the last one that it got */
	uint64_t memo, memo_mid; /* what it would say about where it was */
};

struct client {
	struct conn conn;
	bool open, stalled;
	unsigned user;
	uint64_t session;
	struct seat seats[SEATS];
	struct msg_place places[SEATS]; /* of Server-Sent Events, in the order of their coming */
	unsigned placed;
	struct pace events; /* how many of its own it may tell */
};

static struct hub hub;
static struct client clients[CLIENTS];

static inline unsigned
stream_of(const struct client *c, unsigned k)
{
	return k < LAST_SEAT ? k : USER_1 + c->user - 1;
}

static inline struct truth *
truth_for(const struct client *c, const struct seat *s)
{
	return &truths[stream_of(c, (unsigned)(s - c->seats))];
}

static inline struct str
name_of(const struct client *c, unsigned k)
{
	return truths[stream_of(c, k)].channel;
}

static inline struct seat *
seat_named(struct client *c, const char *channel)
{
	unsigned k = 0;

	while (k < SEATS && !str_eq(name_of(c, k), str_of(channel)))
		k++;
	CHECK(k < SEATS);
	return &c->seats[k];
}

/* ---- Server-Sent Events ---- */

static inline void
note_place(struct client *c, const struct msg_place *at)
{
	unsigned i = 0;

	while (
	    i < c->placed && (c->places[i].kind != at->kind || c->places[i].stream != at->stream))
		i++;
	CHECK(i < SEATS);
	c->places[i] = *at;
	c->placed += i == c->placed;
}

/* The id that the next block must have. */
static inline void
write_places(const struct client *c, struct buf *out)
{
	for (unsigned i = 0; i < c->placed; i++) {
		const struct msg_place *at = &c->places[i];
		const struct truth *t = &truths[world_find((enum wire_kind)at->kind, at->stream)];

		buf_printf(
		    out, "%s%s:%llu", i == 0 ? "id: " : ",", t->name, (unsigned long long)at->seq);
		if (at->mid != 0)
			buf_printf(out, ":%llu", (unsigned long long)at->mid);
	}
	buf_addch(out, '\n');
}

/* The data of the next block. */
static inline const char *
next_data(struct client *c, const struct msg_place *at)
{
	static char text[1 << 16];
	struct buf block, id;
	struct str rest;

	buf_init(&block, sizeof(text));
	buf_init(&id, 1000);
	if (at->kind != 0) {
		note_place(c, at);
		write_places(c, &id);
	}
	buf_addstr(&id, "data: ");
	sse_gather(&c->conn, &block, 1);
	CHECK(!block.full && block.n > id.n + 2 && memcmp(block.p, id.p, id.n) == 0);
	rest = (struct str){block.p + id.n, block.n - id.n};
	CHECK(memchr(rest.p, '\n', rest.n) == rest.p + rest.n - 2 && rest.p[rest.n - 1] == '\n');
	memcpy(text, rest.p, rest.n - 2);
	text[rest.n - 2] = '\0';
	buf_finish(&block);
	buf_finish(&id);
	return text;
}

/* ---- reading ---- */

/* The text of the next message, and which place it tells; NULL: there is none. */
static inline const char *
read_next(struct client *c, struct msg_place *at)
{
	const struct msg *m = conn_peek(&c->conn);

	if (m == NULL)
		return NULL;
	*at = m->place;
	return c->conn.sse != NULL ? next_data(c, at) : next_text(&c->conn);
}

/* A message that tells a place tells where the client is now; one of Server-Sent Events comes back
 * with that. */
static inline void
check_place(struct client *c, const struct msg_place *at)
{
	struct seat *s;
	unsigned i;

	if (at->kind == 0)
		return;
	i = world_find((enum wire_kind)at->kind, at->stream);
	s = &c->seats[i < LAST_SEAT ? i : LAST_SEAT];
	CHECK(at->seq == s->at || at->seq == s->reset_at);
	CHECK(at->mid == 0 || truth_of(&truths[i], at->mid)->seq == at->seq);
	if (at->seq == s->at) {
		CHECK(at->mid == 0 || s->at_mid == 0 || at->mid == s->at_mid);
		s->at_mid = at->mid != 0 ? at->mid : s->at_mid;
	}
	if (c->conn.sse != NULL) {
		s->memo = at->seq;
		s->memo_mid = at->mid;
	}
}

#endif
