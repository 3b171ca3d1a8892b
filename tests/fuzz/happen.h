/* SPDX-License-Identifier: MIT */
/* What happens around the clients of session_fuzz.c, one function for each operation: what others
 * store and tell, what a crash takes, what arrives, and when. Included once, after listen.h. */
#ifndef MARU_FUZZ_HAPPEN_H
#define MARU_FUZZ_HAPPEN_H

#define HANG_MS 30000 /* no feeder takes as long for an answer */

/* An operand. Scripts can be written by hand: '0' is 0. */
static inline unsigned
arg(struct bytes *b)
{
	return (uint8_t)(take(b) - '0');
}

static inline struct client *
any_client(struct bytes *b)
{
	return &clients[arg(b) % CLIENTS];
}

/* The latest login of a user that is not over. */
static inline uint64_t
session_of(unsigned user)
{
	uint64_t session = user * 1000;

	while (has_ended(session))
		session++;
	return session;
}

/* ---- what is not stored ---- */

#define NOBODY UINT64_MAX /* 0 is a user of this world */

/* Of those who listen all have just heard it, except one, or nobody has. */
static inline void
check_heard(unsigned stream, const struct client *except, unsigned n, bool sent, uint64_t by)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct client *c = &clients[i];

		if (!c->open || c->stalled || c->conn.closing != 0)
			continue;
		bool deaf = c->conn.blocked != NULL && blocked_has(&c->conn, by);

		hear(c);
		for (unsigned k = 0; k < SEATS; k++)
			CHECK(stream_of(c, k) != stream || c->seats[k].state != CONFIRMED ||
			      (c->seats[k].signal == n) == (sent && c != except && !deaf));
	}
}

/* A worker tells what nobody stores. */
static inline void
signal_stream(unsigned i, const struct client *except)
{
	uint64_t id = 0;
	char text[40];

	if (except != NULL)
		id = (uint64_t)except->conn.id[0] << 32 | except->conn.id[1];
	(void)snprintf(text, sizeof(text), "!%u %u", i, ++world.signals);
	publish_signal(&hub, truths[i].channel, str_of(text), id);
	check_heard(i, except, world.signals, true, NOBODY);
}

static inline void
do_signal(struct bytes *b)
{
	signal_stream(arg(b) % SYSTEM, NULL);
}

/* To all but the client that caused it. */
static inline void
do_signal_except(struct bytes *b)
{
	unsigned i = arg(b) % SYSTEM;

	signal_stream(i, any_client(b));
}

/* A client does, and is refused if it may not. */
static inline void
do_client_event(struct bytes *b)
{
	struct client *c = any_client(b);
	unsigned k = arg(b) % SEATS, i = stream_of(c, k);
	char text[200];
	bool sent;

	if (!c->open || c->conn.closing != 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"client-x\",\"channel\":\"%s\",\"data\":\"!%u %u\"}", truths[i].name, i,
	    ++world.signals);
	sent = k != LOBBY && c->seats[k].state == CONFIRMED && !c->stalled &&
	       pace_allow(&c->events, CLIENT_EVENTS_PER_SECOND, clock_mono());
	client_receive(&hub, &c->conn, str_of(text));
	if (!c->stalled)
		check_heard(i, c, world.signals, sent, c->user);
}

/* ---- what is stored ---- */

static inline void
do_commit(struct bytes *b)
{
	unsigned i = arg(b) % SYSTEM, how = arg(b);
	uint64_t sender = i <= ROOM_B ? how / 3 % (USERS + 1) : 0;

	for (unsigned n = how / 3 < 64 ? 1 : (how / 3 - 63) * 25; n > 0; n--) {
		if (!truths[i].ended)
			world_commit(i, (struct record){.sender = sender}, how);
	}
}

static inline void
do_member(struct bytes *b)
{
	unsigned how = arg(b), i = how & 1, user = 1 + (how >> 1) % USERS;
	const struct truth *t = &truths[i];

	if (t->ended)
		return;
	if (t->members[user])
		world_commit(i, (struct record){.user = user}, arg(b));
	else
		world_commit(i, (struct record){.lets_in = user}, arg(b));
}

static inline void
do_end_room(struct bytes *b)
{
	unsigned i = arg(b) & 1;

	if (!truths[i].ended)
		world_commit(i, (struct record){.user = WIRE_EVERYBODY}, arg(b));
}

/* So that the memory of removals soon overflows. */
static inline void
do_remember_less(struct bytes *b)
{
	unsigned max = 1 + arg(b) % 8;

	if (hub.revoked.max == 0 || max < hub.revoked.max)
		hub.revoked.max = max;
}

static inline void
do_log_out(struct bytes *b)
{
	unsigned user = 1 + arg(b) % USERS;

	world_commit(SYSTEM, (struct record){.user = user, .session = session_of(user)}, arg(b));
}

/* A user blocks another, or no longer does: one event on the own stream, and one for push. */
static inline void
do_block(struct bytes *b)
{
	unsigned who = arg(b), user = 1 + who % USERS, other = 1 + (user + who / USERS % 2) % USERS;
	struct truth *own = &truths[USER_1 + user - 1];
	bool on = !is_blocked(user, other);
	unsigned how = arg(b);

	if (own->head == LOG_MAX || own->count == RECORDS_MAX)
		return;
	world_commit(USER_1 + user - 1, (struct record){0}, how);
	world_commit(SYSTEM,
	    (struct record){.user = user, .sender = other, .session = wire_block(own->head, on)},
	    how / 3);
}

/* A crash, or a backup that was restored. Not where events are erased: whether the last one that
 * push knows is one of those, or of another history, nobody could tell. */
static inline void
do_set_back(struct bytes *b)
{
	unsigned i = arg(b) % STREAMS;
	uint64_t n = arg(b);

	if (truths[i].erased)
		return;
	truth_set_back(&truths[i], n);
	taint(i, truths[i].head);
}

/* Events of deleted things; never one that says who may listen. */
static inline void
do_erase(struct bytes *b)
{
	struct truth *t = &truths[arg(b) % SYSTEM];
	uint64_t back = arg(b), seq = t->head > back ? t->head - back : 1, n = 1 + arg(b) % 32;

	if (t->set_back)
		return;
	for (; seq > 0 && seq <= t->head && n > 0; seq++, n--) {
		t->all[t->log[seq]].erased = truth_at(t, seq)->user == 0;
		t->erased = t->erased || truth_at(t, seq)->erased;
	}
}

/* ---- what arrives ---- */

static inline void
do_arrive(struct bytes *b)
{
	unsigned how = arg(b), place = (how >> 1) % AIR_MAX;

	if (place < world.air_count)
		world_arrive(place, (how & 1) != 0);
}

static inline void
arrive_all(void)
{
	while (world.air_count > 0)
		world_arrive(0, false);
}

static inline void
do_arrive_all(struct bytes *b)
{
	(void)b;
	arrive_all();
}

static inline void
do_feed(struct bytes *b)
{
	for (unsigned n = arg(b); n > 0 && feeder_step();)
		n -= n < 255;
}

static inline void
do_replace_feeder(struct bytes *b)
{
	feeder_replace((arg(b) & 1) == 0);
}

static inline void
do_pass(struct bytes *b)
{
	static const int64_t times[] = {1, 10, 25, 110, 1000, 2100, 3100, 31000, 61000};
	int64_t ms = times[arg(b) % (sizeof(times) / sizeof(times[0]))];

	pass(ms);
	if (ms > HANG_MS && world.asked > 0)
		feeder_replace(play.feeder);
}

#endif
