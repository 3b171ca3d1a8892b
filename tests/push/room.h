/* SPDX-License-Identifier: MIT */
/* What the tests of following share: room 7, whose stream is at 10 when the tests begin, and
 * connections of the users 1 to N. Included once, after loop.h. */
#ifndef MARU_TEST_ROOM_H
#define MARU_TEST_ROOM_H

#include "push/hub.h"
#include "push/stream.h"

#define N        4
#define ROOM     7
#define CHANNEL  "presence-room-7"
#define HEAD     10 /* of the room */
#define LOBBY_AT 40

static struct hub hub;
static struct conn c[N];

static inline uint64_t
user(unsigned i)
{
	return i + 1;
}

static inline int
room_start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	for (unsigned i = 0; i < N; i++) {
		conn_init(&c[i], &conf, NULL);
		hub_identify(&hub, &c[i], user(i), 100 + i);
	}
	loop_start(&conf, &hub, LOBBY_AT, 0);
	return rc;
}

static inline int
room_stop(void **state)
{
	for (unsigned i = 0; i < N; i++) {
		hub_leave(&hub, &c[i]);
		conn_finish(&c[i]);
	}
	loop_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

/* ---- what happens */

static inline uint64_t
mid_of(uint64_t seq)
{
	return 10 * seq;
}

/* An event of the room as a worker tells it; removed: whom it removes. */
static inline struct wire_packet
packet(uint64_t seq, uint64_t removed)
{
	static char text[32];

	(void)snprintf(text, sizeof(text), "e%llu", (unsigned long long)seq);
	return (struct wire_packet){.op = WIRE_EVENT,
	    .kind = WIRE_ROOM,
	    .stream = ROOM,
	    .seq = seq,
	    .mid = mid_of(seq),
	    .user = removed,
	    .channel = STR(CHANNEL),
	    .body = str_of(text)};
}

static inline void
event_removing(uint64_t seq, uint64_t removed)
{
	struct wire_packet p = packet(seq, removed);

	follow_event(&p);
}

static inline void
event(uint64_t seq)
{
	event_removing(seq, 0);
}

/* The feeder's answer to the last question: the events of the room up to its head. */
static inline void
fetched_removing(uint64_t seq, uint64_t removed)
{
	struct wire_packet p = packet(seq, removed);

	p.op = WIRE_FETCHED;
	follow_fetched(&p);
}

static inline void
fetched(uint64_t first, uint64_t last)
{
	for (uint64_t seq = first; seq <= last; seq++)
		fetched_removing(seq, 0);
}

static inline void
end_of_answer(uint64_t head)
{
	tell_head(WIRE_ROOM, ROOM, head);
}

/* How often the feeder was asked for the head of a stream that is at `last`. */
static inline unsigned
heads_asked(enum wire_kind kind, uint64_t id, uint64_t last)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play.asked_count; i++) {
		const struct wire_packet *p = &play.asked[i];
		struct wire_head h;

		for (size_t at = 0; p->op == WIRE_ASK && at < p->body.n; at += sizeof(h)) {
			memcpy(&h, p->body.p + at, sizeof(h));
			n += p->kind == kind && h.id == id && h.last == last;
		}
	}
	return n;
}

/* ---- who listens */

static inline void
join(unsigned i, const char *channel, struct follow_terms t)
{
	t.claim.user = user(i);
	t.claim.session = 100 + i;
	t.claim.time = 1;
	hub_join(&hub, &c[i], str_of(channel), NULL, &t);
}

/* Subscribes with a claim from when the room was at `head`. */
static inline void
subscribe(unsigned i, uint64_t head)
{
	join(i, CHANNEL, (struct follow_terms){.claim.head = head});
}

static inline void
resume(unsigned i, uint64_t head, uint64_t after, uint64_t mid)
{
	join(i, CHANNEL,
	    (struct follow_terms){.claim.head = head, .resume = true, .after = after, .mid = mid});
}

/* ---- what they hear */

#define silent(i) assert_null(next_text(&c[i]))

static inline void
expect(unsigned i, const char *part)
{
	const char *text = next_text(&c[i]);

	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("%u should hear %s, not %s", i, part, text == NULL ? "nothing" : text);
}

static inline void
expect_events(unsigned i, uint64_t first, uint64_t last)
{
	for (uint64_t seq = first; seq <= last; seq++) {
		const char *text = next_text(&c[i]);
		char wanted[32];

		(void)snprintf(wanted, sizeof(wanted), "e%llu", (unsigned long long)seq);
		if (text == NULL || strcmp(text, wanted) != 0)
			fail_msg("%u should hear %s, not %s", i, wanted,
			    text == NULL ? "nothing" : text);
	}
}

/* Is confirmed, and told this: the stream's part of the data, with its end. */
static inline void
expect_confirmed(unsigned i, const char *part)
{
	const char *text = next_text(&c[i]);

	if (text == NULL || strstr(text, "subscription_succeeded") == NULL ||
	    strstr(text, part) == NULL)
		fail_msg("%u should be confirmed with %s, not %s", i, part,
		    text == NULL ? "nothing" : text);
}

#define RECOVERED     "\\\"recovered\\\":true}"
#define NOT_RECOVERED "\\\"recovered\\\":false}"

static inline struct sub *
sub_of(unsigned i)
{
	return hub_find(&hub, &c[i], STR(CHANNEL));
}

#endif
