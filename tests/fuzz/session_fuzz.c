/* SPDX-License-Identifier: MIT */
/* link: push.a shared.a */
/* Five clients of three users, two rooms, a lobby, and everything that can happen to them: the
 * bytes are a script, one operation after the other. After each, every client holds what it heard
 * against the database (listen.h), and presence must be what is subscribed. In the end, when the
 * feeder has answered everything, each subscriber must be at the head of its stream; and after all
 * have left, nothing may be left. */
#include "fuzz.h"

#define LOOP_WITH_BUS
#include "play.h"

#include "world.h"

#include "listen.h"

#include <sanitizer/allocator_interface.h>

#define SETTLE_MS 8000
#define SLOW_AT   16 /* events; so that a client that does not read is soon too slow */

/* An operand. Scripts can be written by hand: '0' is 0. */
static unsigned
arg(struct bytes *b)
{
	return (uint8_t)(take(b) - '0');
}

/* ---- clients ---- */

static struct client *
any_client(struct bytes *b)
{
	return &clients[arg(b) % CLIENTS];
}

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

/* The latest login of a user that is not over. */
static uint64_t
session_of(unsigned user)
{
	uint64_t session = user * 1000;

	while (has_ended(session))
		session++;
	return session;
}

static void
do_connect(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned user = 1 + (unsigned)(c - clients) % USERS;

	if (c->open)
		return;
	conn_init(&c->conn, &conf, NULL);
	c->open = true;
	c->stalled = false;
	c->user = user;
	c->session = session_of(user);
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

	if (c->open && c->conn.closing == 0)
		c->stalled = !c->stalled;
}

/* ---- subscriptions ---- */

/* maru-api reads the head, then looks up the right, then signs. */
static void
do_sign(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned k = arg(b) % SEATS;
	const struct truth *t = &world.streams[stream_of(c, k)];
	struct seat *s = &c->seats[k];
	uint64_t earlier = arg(b) % 4;

	if (!c->open || s->state != FREE || has_ended(c->session) || k == LOBBY ||
	    (t->kind == WIRE_ROOM && (!t->members[c->user] || t->ended)))
		return;
	s->has_claim = true;
	s->claim = (struct claim){.user = c->user,
	    .session = c->session,
	    .time = clock_wall(),
	    .head = t->head > earlier ? t->head - earlier : 0};
}

static void
write_subscribe(const struct client *c, unsigned k, struct buf *out)
{
	const struct seat *s = &c->seats[k];
	struct str channel = name_of(c, k);
	char person[64] = "";

	if (k <= ROOM_B)
		(void)snprintf(person, sizeof(person), "{\"user_id\":%u}", c->user);
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
		s->mid = s->after == 0 ? 0 : t->log[s->after].mid;
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
	choose_after(s, &world.streams[stream_of(c, k)], how);
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
	c->seats[k].has_claim = false;
}

/* ---- what is stored ---- */

static void
do_commit(struct bytes *b)
{
	unsigned i = arg(b) % SYSTEM, how = arg(b);

	for (unsigned n = how / 3 < 64 ? 1 : (how / 3 - 63) * 25; n > 0; n--) {
		if (!world.streams[i].ended)
			world_commit(i, 0, 0, how);
	}
}

static void
do_member(struct bytes *b)
{
	unsigned how = arg(b), i = how & 1, user = 1 + (how >> 1) % USERS;
	struct truth *t = &world.streams[i];

	if (t->ended)
		return;
	t->members[user] = !t->members[user];
	world_commit(i, t->members[user] ? 0 : user, 0, arg(b));
}

static void
do_end_room(struct bytes *b)
{
	unsigned i = arg(b) & 1;

	if (world.streams[i].ended)
		return;
	world_commit(i, WIRE_EVERYBODY, 0, arg(b));
	world.streams[i].ended = true;
}

static void
do_log_out(struct bytes *b)
{
	unsigned user = 1 + arg(b) % USERS;
	uint64_t session = session_of(user);

	if (world.ended_count == sizeof(world.ended) / sizeof(world.ended[0]))
		return;
	world.ended[world.ended_count++] = session;
	world_commit(SYSTEM, user, session, arg(b));
}

/* Events of deleted things; never one that says who may listen. */
static void
do_erase(struct bytes *b)
{
	struct truth *t = &world.streams[arg(b) % SYSTEM];
	uint64_t back = arg(b), seq = t->head > back ? t->head - back : 1, n = 1 + arg(b) % 32;

	for (; seq <= t->head && n > 0; seq++, n--) {
		t->erased = t->erased || t->log[seq].user == 0;
		t->log[seq].erased = t->log[seq].user == 0;
	}
}

/* ---- what arrives ---- */

static void
do_arrive(struct bytes *b)
{
	unsigned how = arg(b), place = (how >> 1) % AIR_MAX;

	if (place >= world.air_count)
		return;
	world_tell(world.air[place].stream, world.air[place].seq);
	if ((how & 1) == 0)
		world_lose(place);
}

static void
do_arrive_all(struct bytes *b)
{
	(void)b;
	while (world.air_count > 0) {
		world_tell(world.air[0].stream, world.air[0].seq);
		world_lose(0);
	}
}

static void
do_feed(struct bytes *b)
{
	for (unsigned n = arg(b); n > 0 && feeder_step();)
		n -= n < 255;
}

static void
do_replace_feeder(struct bytes *b)
{
	feeder_replace((arg(b) & 1) == 0);
}

static void
do_pass(struct bytes *b)
{
	static const int64_t times[] = {1, 10, 25, 110, 1000, 2100, 3100, 31000, 61000};

	pass(times[arg(b) % (sizeof(times) / sizeof(times[0]))]);
}

/* ---- the end ---- */

/* Nothing is in the air any more, the feeder answers: everybody gets what there is. */
static void
settle(void)
{
	world.air_count = 0;
	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i].stalled = clients[i].stalled && clients[i].conn.closing != 0;
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
		struct client *c = &clients[i];

		if (!c->open || c->conn.closing != 0)
			continue;
		CHECK(!has_ended(c->session) || c->conn.user == 0);
		for (unsigned k = 0; k < SEATS; k++)
			CHECK(c->seats[k].state == FREE ||
			      (c->seats[k].state == CONFIRMED &&
				  c->seats[k].at == world.streams[stream_of(c, k)].head));
	}
}

/* Operands: 'i' a client, 'k' a seat, 'h' how an event travels (0 arrives, 1 is lost, 2 flies). */
static const struct {
	char letter;
	void (*run)(struct bytes *);
} operations[] = {
    {'c', do_connect},        /* i */
    {'g', do_sign},           /* i k, how many events before the head: gets a claim */
    {'s', do_subscribe},      /* i k, after what */
    {'u', do_unsubscribe},    /* i k */
    {'l', do_leave},          /* i */
    {'t', do_turn},           /* those who are to be closed are gone */
    {'w', do_stall},          /* i reads no more, or again */
    {'e', do_commit},         /* stream, h and how many */
    {'m', do_member},         /* which room and user, h: out or in */
    {'d', do_end_room},       /* which room, h */
    {'o', do_log_out},        /* user, h */
    {'x', do_erase},          /* stream, from how far back, how many */
    {'a', do_arrive},         /* which in the air, and whether a copy stays there */
    {'A', do_arrive_all},     /* in their order */
    {'f', do_feed},           /* so many packets of the feeder */
    {'r', do_replace_feeder}, /* 0 another one, 1 none */
    {'p', do_pass},           /* how long */
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
	world_begin();
	play.now = 1000000;
	play.feeder = true;
	hub_init(&hub, &conf);
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
	settle();
	finish();
	CHECK(!warm || __sanitizer_get_current_allocated_bytes() == before);
	warm = true;
	return 0;
}
