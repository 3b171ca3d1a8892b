/* SPDX-License-Identifier: MIT */
/* link: push.a shared.a */
/* Five clients of three users, two rooms, a lobby, and everything that can happen to them: the
 * bytes are a script, one operation after the other. After each, every client holds what it heard
 * against the database (listen.h), and presence must be what is subscribed. In the end, when the
 * feeder has answered everything, each subscriber must be at the head of its stream, keep nothing
 * that the database has lost, and be a member; and after all have left, nothing may be left. */
#include "fuzz.h"
#include "push/publish.h"

#define LOOP_WITH_BUS
#include "play.h"

#include "world.h"

#include "heard.h"

#include "listen.h"

#include "happen.h"

#include <sanitizer/allocator_interface.h>

#define SETTLE_MS 8000
#define SIGN_MS   2000 /* what signing a claim takes */
#define SLOW_AT   16   /* events; so that a client that does not read is soon too slow */

/* ---- clients ---- */

static void
leave(struct client *c)
{
	c->conn.closing = 1;
	hub_leave(&hub, &c->conn);
	conn_finish(&c->conn);
	c->open = false;
	for (unsigned k = 0; k < SEATS; k++) {
		c->seats[k].state = FREE;
		c->seats[k].has_claim = false;
	}
}

static void
connect_client(struct client *c, bool sse)
{
	if (c->open)
		return;
	conn_init(&c->conn, &conf, NULL);
	if (sse)
		c->conn.sse = sse_create();
	c->open = true;
	c->stalled = false;
	c->user = 1 + (unsigned)(c - clients) % USERS;
	c->session = session_of(c->user);
	c->placed = 0;
}

static void
do_connect(struct bytes *b)
{
	connect_client(any_client(b), false);
}

/* By Server-Sent Events. */
static void
do_open_stream(struct bytes *b)
{
	connect_client(any_client(b), true);
}

static void
do_leave(struct bytes *b)
{
	struct client *c = any_client(b);

	if (c->open)
		leave(c);
}

/* What ws.c does at the end of a turn. */
static void
do_turn(struct bytes *b)
{
	(void)b;
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open && clients[i].conn.closing != 0)
			leave(&clients[i]);
	}
}

/* Who reads does so whenever something is written. */
static void
read_some(struct conn *c)
{
	struct client *client = (struct client *)c;

	if (!client->stalled)
		hear(client);
}

static void
do_stall(struct bytes *b)
{
	struct client *c = any_client(b);

	if (!c->open || c->conn.closing != 0)
		return;
	hear(c);
	c->stalled = !c->stalled;
}

/* Who does not read whenever something is there reads a little. */
static void
do_read(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned n = arg(b);

	while (c->open && n > 0 && hear_one(c))
		n--;
}

/* ---- subscriptions ---- */

/* maru-api notes the time, reads the head, looks up the right, signs; meanwhile events are stored.
 */
static uint64_t
head_read(const struct truth *t, uint64_t events)
{
	uint64_t head = t->head;

	for (; events > 0 && head > 0; events--) {
		if (play.now - truth_at(t, head)->time > SIGN_MS)
			break;
		head--;
	}
	return head;
}

static void
do_sign(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned k = arg(b) % SEATS;
	const struct truth *t = &truths[stream_of(c, k)];
	struct seat *s = &c->seats[k];
	uint64_t head = head_read(t, arg(b) % 4);

	if (!c->open || s->state != FREE || has_ended(c->session) || k == LOBBY ||
	    (t->kind == WIRE_ROOM && (!t->members[c->user] || t->ended)))
		return;
	s->has_claim = true;
	s->claim = (struct claim){
	    .user = c->user, .session = c->session, .time = clock_wall(), .head = head};
	if (head < t->head) /* the latest at which that was the head */
		s->claim.time = WALL + truth_at(t, head + 1)->time;
	s->claim.mid = truth_at(t, head)->mid;
	s->blocks_at = truths[USER_1 + c->user - 1].head;
	s->blocks = 0;
	for (unsigned u = 1; u <= USERS; u++)
		s->blocks |= (unsigned)is_blocked(c->user, u) << u;
}

static void
write_subscribe(const struct client *c, unsigned k, struct buf *out)
{
	const struct seat *s = &c->seats[k];
	struct str channel = name_of(c, k);
	char person[128] = "";
	int n = 0;

	if (k <= ROOM_B)
		n = snprintf(person, sizeof(person),
		    "{\"user_id\":%u,\"blocks\":{\"at\":%llu,\"ids\":[0", c->user,
		    (unsigned long long)s->blocks_at);
	for (unsigned u = 1; k <= ROOM_B && u <= USERS; u++) {
		if ((s->blocks & 1U << u) != 0)
			n += snprintf(person + n, sizeof(person) - (size_t)n, ",%u", u);
	}
	if (k <= ROOM_B)
		(void)snprintf(person + n, sizeof(person) - (size_t)n, "]}}");
	buf_printf(out,
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%.*s\",\"auth\":\"",
	    (int)channel.n, channel.p);
	if (s->has_claim)
		sign_claim(&c->conn, channel, str_of(person), &s->claim, out);
	buf_addstr(out, "\",\"channel_data\":\"");
	buf_addjson(out, person, strlen(person));
	buf_addch(out, '"');
	if (s->resume)
		buf_printf(out, ",\"after\":{\"seq\":%llu,\"mid\":\"%llu\"}",
		    (unsigned long long)s->after, (unsigned long long)s->mid);
	buf_addstr(out, "}}");
}

/* From where on it wants the events: from where it was, or what it says it was. */
static void
choose_after(struct seat *s, const struct truth *t, unsigned how)
{
	s->resume = how % 8 != 0;
	s->after = s->memo;
	s->mid = s->memo_mid;
	switch (how % 8) {
	case 2: s->mid++; break;
	case 3: s->after += 1 + how / 8; break;
	case 4: s->mid = 0; break;
	case 5: s->after = 0; break;
	case 6:
		s->after = t->head > how ? t->head - how : 0;
		s->mid = truth_at(t, s->after)->mid;
		break;
	default: break;
	}
}

static void
do_subscribe(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned k = arg(b) % SEATS, how = arg(b);
	struct seat *s = &c->seats[k];
	struct buf out;

	if (!c->open || c->conn.closing != 0)
		return;
	hear(c);
	if (s->state != FREE || (k != LOBBY && !s->has_claim))
		return;
	if (k == LOBBY)
		s->claim = (struct claim){0};
	choose_after(s, &truths[stream_of(c, k)], how);
	s->since = play.now;
	s->state = WAITING;
	buf_init(&out, 4096);
	write_subscribe(c, k, &out);
	client_receive(&hub, &c->conn, (struct str){out.p, out.n});
	buf_finish(&out);
}

static void
do_unsubscribe(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned k = arg(b) % SEATS;
	char text[200];
	int n;

	if (!c->open || c->conn.closing != 0)
		return;
	hear(c); /* what was sent before was right then */
	n = snprintf(text, sizeof(text),
	    "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"%.*s\"}}",
	    (int)name_of(c, k).n, name_of(c, k).p);
	client_receive(&hub, &c->conn, (struct str){text, (size_t)n});
	c->seats[k].state = FREE;
}

/* ---- the end ---- */

/* Who is still subscribed has what there is, nothing else, and has the right to it. */
static void
check_settled(const struct client *c)
{
	CHECK(!has_ended(c->session) || c->conn.user == 0);
	for (unsigned k = 0; k < SEATS; k++) {
		const struct seat *s = &c->seats[k];
		const struct truth *t = truth_for(c, s);

		if (s->state == FREE)
			continue;
		CHECK(s->state == CONFIRMED && !s->tainted);
		CHECK(s->at == t->head || (t->set_back && s->reset_at == t->head));
		CHECK(t->kind != WIRE_ROOM || (t->members[c->user] && !t->ended));
		for (unsigned u = 1; t->kind == WIRE_ROOM && u <= USERS; u++)
			CHECK(!knows_blocks(c, u) ||
			      ((unseen_by(c) & 1U << u) != 0) == is_blocked(c->user, u));
	}
}

/* Nothing is in the air any more, the feeder answers: everybody gets what there is. */
static void
settle(struct bytes *b)
{
	(void)b;
	arrive_all();
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open && clients[i].stalled)
			hear(&clients[i]);
		clients[i].stalled = clients[i].stalled && clients[i].conn.closing != 0;
	}
	check_all();
	feeder_replace(true);
	for (int64_t ms = 0; ms < SETTLE_MS; ms += 100) {
		pass(100);
		while (feeder_step())
			;
		if (ms % 1000 == 0)
			check_all();
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open && clients[i].conn.closing == 0)
			check_settled(&clients[i]);
	}
}

/* Operands: 'i' a client, 'k' a seat, 'h' how an event travels (0 arrives, 1 is lost, 2 flies). */
static const struct {
	char letter;
	void (*run)(struct bytes *);
} operations[] = {
    {'c', do_connect},        /* i */
    {'C', do_open_stream},    /* i */
    {'g', do_sign},           /* i k, how many events before the head: gets a claim */
    {'s', do_subscribe},      /* i k, after what */
    {'u', do_unsubscribe},    /* i k */
    {'l', do_leave},          /* i */
    {'t', do_turn},           /* those who are to be closed are gone */
    {'w', do_stall},          /* i reads no more, or again */
    {'n', do_read},           /* i, how many messages */
    {'i', do_signal},         /* stream */
    {'I', do_signal_except},  /* stream, i does not get it */
    {'v', do_client_event},   /* i k */
    {'e', do_commit},         /* stream, h and how many */
    {'m', do_member},         /* which room and user, h: out or in */
    {'d', do_end_room},       /* which room, h */
    {'o', do_log_out},        /* user, h */
    {'B', do_block},          /* user and whom, h of both events */
    {'b', do_set_back},       /* stream, how many events are lost */
    {'x', do_erase},          /* stream, from how far back, how many */
    {'a', do_arrive},         /* which in the air, and whether a copy stays there */
    {'A', do_arrive_all},     /* in their order */
    {'f', do_feed},           /* so many packets of the feeder */
    {'r', do_replace_feeder}, /* 0 another one, 1 none */
    {'p', do_pass},           /* how long */
    {'R', do_remember_less},  /* how many removals */
    {'S', settle},
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static void
operate(struct bytes *b)
{
	char c = (char)take(b);
	size_t i = 0;

	if (c == ' ' || c == '\n')
		return;
	while (i < OPERATIONS && operations[i].letter != c)
		i++;
	operations[i < OPERATIONS ? i : (uint8_t)c % OPERATIONS].run(b);
	check_all();
}

static void
begin(void)
{
	(void)fakes_start(NULL);
	conf.push_queue_events = SLOW_AT;
	conf.presence_linger = 0; /* the model knows only who is here */
	fake.reader = read_some;
	memset(clients, 0, sizeof(clients));
	play.now = 1000000;
	world_begin();
	play.feeder = true;
	hub_init(&hub, &conf);
	heard_floor = 0;
	system_told = 0;
	follow_start(&conf, (struct ev_loop *)&play, &hub);
	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i].user = 1 + i % USERS;
}

static void
finish(void)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open)
			leave(&clients[i]);
	}
	loop_stop();
	hub_finish(&hub);
	(void)fakes_stop(NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool warm;
	struct bytes b = {data, size};
	size_t before = __sanitizer_get_current_allocated_bytes();

	fuzz_begin();
	begin();
	while (b.n > 0)
		operate(&b);
	settle(NULL);
	finish();
	CHECK(!warm || __sanitizer_get_current_allocated_bytes() == before);
	warm = true;
	return 0;
}
