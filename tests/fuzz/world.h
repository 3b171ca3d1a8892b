/* SPDX-License-Identifier: MIT */
/* The rest of the world for session_fuzz.c: the database (truth.h), the packets that the workers
 * have sent and that are still in the air, and the feeder, which answers one question after the
 * other from what the database holds when it begins. Included once, after play.h. */
#ifndef MARU_FUZZ_WORLD_H
#define MARU_FUZZ_WORLD_H

#include "truth.h"

#define AIR_MAX   64
#define QUESTIONS 32

/* A question, and how far its answer is. */
struct question {
	struct wire_packet ask;
	struct wire_head heads[STREAMS];
	size_t heads_count;
	bool begun;
	uint64_t head, mid;
	unsigned count, sent;
};

static struct {
	struct {
		unsigned stream;
		struct record r;
	} air[AIR_MAX];
	unsigned air_count;
	struct question questions[QUESTIONS];
	unsigned asked;
	unsigned signals;
	struct record answer[LOG_MAX]; /* to the first of them, as it was read */
} world;

/* The one place that knows how an event becomes a packet. */
static inline struct wire_packet
world_packet(enum wire_op op, unsigned i, const struct record *r)
{
	static char text[64];
	const struct truth *t = &truths[i];

	(void)snprintf(text, sizeof(text), "#%u %llu %llu", i, (unsigned long long)r->seq,
	    (unsigned long long)r->mid);
	return (struct wire_packet){.op = op,
	    .kind = t->kind,
	    .stream = t->id,
	    .seq = r->seq,
	    .mid = r->mid,
	    .prev = op == WIRE_EVENT ? r->prev : 0, /* the feeder has no need of it */
	    .user = r->user,
	    .session = r->session,
	    .sender = r->sender,
	    .time = clock_wall(),
	    .channel = t->channel,
	    .body = str_of(text)};
}

static inline void
world_begin(void)
{
	world.air_count = world.asked = world.signals = 0;
	truth_begin();
}

/* ---- packets of the workers ---- */

static inline void
world_tell(unsigned i, const struct record *r)
{
	struct wire_packet p = world_packet(WIRE_EVENT, i, r);

	follow_event(&p);
}

static inline void
world_lose(unsigned place)
{
	for (world.air_count--; place < world.air_count; place++)
		world.air[place] = world.air[place + 1];
}

static inline void
world_arrive(unsigned place, bool again)
{
	unsigned stream = world.air[place].stream;
	struct record r = world.air[place].r;

	if (!again)
		world_lose(place);
	world_tell(stream, &r);
}

enum { TOLD, LOST, FLYING };

/* Stores an event; its packet arrives, gets lost, or is on its way. */
static inline void
world_commit(unsigned i, struct record r, unsigned how)
{
	struct truth *t = &truths[i];

	if (!truth_append(t, r))
		return;
	if (how % 3 == TOLD) {
		world_tell(i, truth_at(t, t->head));
	} else if (how % 3 == FLYING) {
		if (world.air_count == AIR_MAX)
			world_lose(0);
		world.air[world.air_count].stream = i;
		world.air[world.air_count++].r = *truth_at(t, t->head);
	}
}

/* ---- the feeder ---- */

static inline unsigned
world_find(enum wire_kind kind, uint64_t id)
{
	unsigned i = 0;

	while (i < STREAMS && (truths[i].kind != kind || truths[i].id != id))
		i++;
	CHECK(i < STREAMS); /* nobody subscribed to anything else */
	return i;
}

bool
bus_ask(const struct wire_packet *p)
{
	struct question *q = &world.questions[world.asked];

	if (p->op == WIRE_SEEN || p->op == WIRE_HOOK)
		return play.feeder;
	if (!play.feeder || world.asked == QUESTIONS)
		return false;
	*q = (struct question){.ask = *p, .heads_count = p->body.n / sizeof(struct wire_head)};
	CHECK(q->heads_count <= STREAMS && (p->op == WIRE_NEED || p->op == WIRE_ASK));
	if (p->body.n > 0)
		memcpy(q->heads, p->body.p, p->body.n);
	q->ask.body = (struct str){NULL, 0};
	world.asked++;
	return true;
}

static inline void
feeder_heads(struct question *q)
{
	struct wire_packet p = {.op = WIRE_HEADS, .kind = q->ask.kind};

	for (size_t i = 0; i < q->heads_count; i++) {
		const struct truth *t = &truths[world_find(q->ask.kind, q->heads[i].id)];

		q->heads[i].head = t->head;
		q->heads[i].mid = truth_at(t, t->head)->mid;
	}
	p.body = (struct str){(const char *)q->heads, q->heads_count * sizeof(*q->heads)};
	follow_heads(&p);
}

/* Reads the answer: what happens to the database later does not change it. */
static inline void
feeder_read(struct question *q, const struct truth *t)
{
	q->begun = true;
	q->head = t->head;
	q->mid = truth_at(t, t->head)->mid;
	for (uint64_t seq = q->ask.seq + 1; seq <= t->head && q->count < q->ask.user; seq++) {
		if (!truth_at(t, seq)->erased)
			world.answer[q->count++] = *truth_at(t, seq);
	}
}

/* Sends one packet of the first answer; true: that was its last. */
static inline bool
feeder_packet(struct question *q)
{
	unsigned i = world_find(q->ask.kind, q->ask.stream);
	struct wire_packet p = {.op = WIRE_HEAD,
	    .kind = q->ask.kind,
	    .stream = q->ask.stream,
	    .user = q->ask.seq,
	    .mid = q->ask.mid};

	if (!q->begun)
		feeder_read(q, &truths[i]);
	if (q->sent < q->count) {
		p = world_packet(WIRE_FETCHED, i, &world.answer[q->sent++]);
		follow_fetched(&p);
		return false;
	}
	p.seq = q->head;
	p.prev = q->mid;
	follow_head(&p);
	return true;
}

/* One packet of the feeder; false: nobody asks it anything. */
static inline bool
feeder_step(void)
{
	struct question q;

	if (world.asked == 0)
		return false;
	/* A copy: what it sends may raise new questions. */
	q = world.questions[0];
	if (q.ask.op == WIRE_NEED && !feeder_packet(&q)) {
		world.questions[0] = q;
		return true;
	}
	for (unsigned i = 1; i < world.asked; i++)
		world.questions[i - 1] = world.questions[i];
	world.asked--;
	if (q.ask.op == WIRE_ASK)
		feeder_heads(&q);
	return true;
}

/* Another one comes in its place, or none; what it was asked is lost. */
static inline void
feeder_replace(bool there)
{
	play.feeder = there;
	world.asked = 0;
	follow_feeder();
}

#endif
