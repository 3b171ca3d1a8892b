/* SPDX-License-Identifier: MIT */
/* The rest of the world for session_fuzz.c: the database with its streams, the packets that the
 * workers have sent and that are still in the air, and the feeder, which answers one question after
 * the other from what the database holds when it begins. Included once, after play.h. */
#ifndef MARU_FUZZ_WORLD_H
#define MARU_FUZZ_WORLD_H

#include "shared/channel.h"

#define USERS     3
#define LOG_MAX   2000
#define AIR_MAX   64
#define QUESTIONS 32
#define BEGIN_AT  10 /* events that each stream has at the beginning */

enum { ROOM_A, ROOM_B, LOBBY, USER_1, SYSTEM = USER_1 + USERS, STREAMS };

/* One event as it is stored. */
struct record {
	uint64_t mid;
	uint64_t user, session; /* whom it removes */
	bool erased;
};

struct truth {
	enum wire_kind kind;
	uint64_t id, head;
	char name[CHANNEL_TEXT_SIZE];
	struct str channel; /* the same */
	bool erased;        /* some of its events are */
	bool ended;         /* a room that was deleted */
	bool members[USERS + 1];
	struct record log[LOG_MAX + 1];
};

/* A question, and how far its answer is. */
struct question {
	struct wire_packet ask;
	struct wire_head heads[STREAMS];
	size_t heads_count;
	bool begun;
	uint64_t next, head, sent;
};

static struct {
	struct truth streams[STREAMS];
	struct {
		unsigned stream;
		uint64_t seq;
	} air[AIR_MAX];
	unsigned air_count;
	struct question questions[QUESTIONS];
	unsigned asked;
	uint64_t ended[64]; /* sessions */
	unsigned ended_count;
} world;

/* The one place that knows how an event becomes a packet. */
static inline struct wire_packet
world_packet(enum wire_op op, unsigned i, uint64_t seq)
{
	static char text[64];
	const struct truth *t = &world.streams[i];
	const struct record *r = &t->log[seq];

	(void)snprintf(text, sizeof(text), "#%u %llu %llu", i, (unsigned long long)seq,
	    (unsigned long long)r->mid);
	return (struct wire_packet){.op = op,
	    .kind = t->kind,
	    .stream = t->id,
	    .seq = seq,
	    .mid = r->mid,
	    .user = r->user,
	    .session = r->session,
	    .time = clock_wall(),
	    .channel = t->channel,
	    .body = str_of(text)};
}

static inline void
world_append(unsigned i, uint64_t user, uint64_t session)
{
	struct truth *t = &world.streams[i];
	uint64_t seq = ++t->head;

	t->log[seq] = (struct record){(uint64_t)i << 32 | (seq * 7 + 1), user, session, false};
}

static inline void
world_begin(void)
{
	world.air_count = world.asked = world.ended_count = 0;
	for (unsigned i = 0; i < STREAMS; i++) {
		struct truth *t = &world.streams[i];

		t->kind = i <= ROOM_B ? WIRE_ROOM : i == LOBBY ? WIRE_LOBBY : WIRE_USER;
		t->id = i <= ROOM_B ? 7 + i : i == LOBBY ? 0 : 1 + i - USER_1;
		if (i == SYSTEM) {
			t->kind = WIRE_SYSTEM;
			t->id = 0;
		}
		t->channel = (struct str){t->name, channel_write(t->kind, t->id, t->name)};
		t->head = 0;
		t->erased = t->ended = false;
		for (unsigned u = 1; u <= USERS; u++)
			t->members[u] = true;
		while (t->head < BEGIN_AT)
			world_append(i, 0, 0);
	}
}

/* ---- packets of the workers ---- */

static inline void
world_tell(unsigned i, uint64_t seq)
{
	struct wire_packet p = world_packet(WIRE_EVENT, i, seq);

	follow_event(&p);
}

static inline void
world_lose(unsigned place)
{
	for (world.air_count--; place < world.air_count; place++)
		world.air[place] = world.air[place + 1];
}

enum { TOLD, LOST, FLYING };

/* Stores an event; its packet arrives, gets lost, or is on its way. */
static inline void
world_commit(unsigned i, uint64_t user, uint64_t session, unsigned how)
{
	if (world.streams[i].head == LOG_MAX)
		return;
	world_append(i, user, session);
	if (how % 3 == TOLD) {
		world_tell(i, world.streams[i].head);
	} else if (how % 3 == FLYING) {
		if (world.air_count == AIR_MAX)
			world_lose(0);
		world.air[world.air_count].stream = i;
		world.air[world.air_count++].seq = world.streams[i].head;
	}
}

/* ---- the feeder ---- */

static inline unsigned
world_find(enum wire_kind kind, uint64_t id)
{
	unsigned i = 0;

	while (i < STREAMS && (world.streams[i].kind != kind || world.streams[i].id != id))
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

	for (size_t i = 0; i < q->heads_count; i++)
		q->heads[i].head = world.streams[world_find(q->ask.kind, q->heads[i].id)].head;
	p.body = (struct str){(const char *)q->heads, q->heads_count * sizeof(*q->heads)};
	follow_heads(&p);
}

/* Sends one packet of the first answer; true: that was its last. */
static inline bool
feeder_packet(struct question *q)
{
	unsigned i = world_find(q->ask.kind, q->ask.stream);
	const struct truth *t = &world.streams[i];
	struct wire_packet p = {.op = WIRE_HEAD,
	    .kind = t->kind,
	    .stream = t->id,
	    .user = q->ask.seq,
	    .mid = q->ask.mid};

	if (!q->begun) {
		q->begun = true;
		q->head = t->head;
		q->next = q->ask.seq + 1;
	}
	while (q->next <= q->head && t->log[q->next].erased)
		q->next++;
	if (q->next <= q->head && q->sent < q->ask.user) {
		p = world_packet(WIRE_FETCHED, i, q->next++);
		q->sent++;
		follow_fetched(&p);
		return false;
	}
	p.seq = q->head;
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
