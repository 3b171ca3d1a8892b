/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/bus.h"
#include "push/follow.h"

#include "seat.h"
#include "wire.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <unistd.h>

/* The loop, played by a list of watchers. */
static struct ev_io *ios[8];

void
ev_io_start(struct ev_loop *loop, struct ev_io *w)
{
	unsigned i = 0;

	(void)loop;
	while (ios[i] != NULL)
		i++;
	ios[i] = w;
}

void
ev_io_stop(struct ev_loop *loop, struct ev_io *w)
{
	(void)loop;
	for (unsigned i = 0; i < 8; i++) {
		if (ios[i] == w)
			ios[i] = NULL;
	}
}

/* Nothing is put off: later.c was not started. */
void
ev_timer_stop(struct ev_loop *loop, struct ev_timer *w)
{
	(void)loop;
	(void)w;
}

void
ev_timer_again(struct ev_loop *loop, struct ev_timer *w)
{
	(void)loop;
	(void)w;
}

/* One turn: every descriptor is looked at, as a level-triggered loop does while it is readable. */
static void
run_turn(void)
{
	fake.rounds++;
	for (unsigned i = 0; i < 8; i++) {
		if (ios[i] != NULL)
			ios[i]->cb(NULL, ios[i], EV_READ);
	}
}

/* What follow.c is told. */
static struct {
	unsigned events, fetched, ends, heads, feeders;
	struct wire_packet last;
	char body[200];
} told;

static void
note(const struct wire_packet *p, unsigned *count)
{
	assert_true(p->body.n < sizeof(told.body));
	told.last = *p;
	if (p->body.n > 0)
		memcpy(told.body, p->body.p, p->body.n);
	told.body[p->body.n] = '\0';
	++*count;
}

void
follow_event(const struct wire_packet *p)
{
	note(p, &told.events);
}

void
follow_fetched(const struct wire_packet *p)
{
	note(p, &told.fetched);
}

void
follow_head(const struct wire_packet *p)
{
	note(p, &told.ends);
}

void
follow_heads(const struct wire_packet *p)
{
	note(p, &told.heads);
}

void
follow_feeder(void)
{
	told.feeders++;
}

void
follow_join(struct sub *s, const struct follow_terms *t)
{
	(void)t;
	hub_confirm(s, NULL);
}

void
follow_part(struct sub *s)
{
	(void)s;
}

void
follow_drop(struct channel *ch)
{
	(void)ch;
}

static struct hub hub;
static struct conn c;
static char path[64], packet[WIRE_MAX];
static int api;

static int
start(void **state)
{
	int rc = fakes_start(state);

	(void)snprintf(path, sizeof(path), "/tmp/maru-bus-test-%d", (int)getpid());
	conf.bus_socket = path;
	hub_init(&hub, &conf);
	conn_init(&c, &conf, NULL);
	hub_join(&hub, &c, STR("shop"), NULL, &(struct follow_terms){0});
	conn_drop(&c);
	if (!bus_start(&conf, NULL, &hub))
		return -1;
	api = wire_connect(path);
	run_turn();
	memset(&told, 0, sizeof(told));
	return rc;
}

static int
stop(void **state)
{
	(void)close(api);
	bus_stop();
	bus_stop();
	hub_leave(&hub, &c);
	conn_finish(&c);
	hub_finish(&hub);
	for (unsigned i = 0; i < 8; i++)
		assert_null(ios[i]);
	assert_int_not_equal(access(path, F_OK), 0);
	return fakes_stop(state);
}

static void
put(enum wire_op op, const char *channel, const char *body)
{
	struct wire_packet p = {.op = op, .channel = str_of(channel), .body = str_of(body)};

	assert_int_equal(wire_send(api, &p), WIRE_OK);
}

static void
packets_of_others_go_to_their_channels(void **state)
{
	(void)state;
	put(WIRE_EVENT, "shop", "one");
	put(WIRE_SIGNAL, "shop", "two");
	put(WIRE_SIGNAL, "nobody", "three");
	run_turn();
	assert_string_equal(next_text(&c), "one");
	assert_string_equal(next_text(&c), "two");
	assert_null(next_text(&c));
	assert_int_equal(told.events, 0);
}

static void
events_of_streams_are_put_in_order_first(void **state)
{
	struct wire_packet p = {.op = WIRE_EVENT,
	    .kind = WIRE_ROOM,
	    .stream = 7,
	    .seq = 5,
	    .mid = UINT64_MAX,
	    .user = 3,
	    .session = 2,
	    .channel = STR("shop"),
	    .body = STR("one")};

	(void)state;
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	p.op = WIRE_SIGNAL;
	p.body = STR("two");
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	run_turn();
	assert_int_equal(told.events, 1);
	assert_int_equal(told.last.kind, WIRE_ROOM);
	assert_true(told.last.stream == 7 && told.last.seq == 5 && told.last.mid == UINT64_MAX);
	assert_true(told.last.user == 3 && told.last.session == 2);
	assert_string_equal(told.body, "one");
	assert_string_equal(next_text(&c), "two"); /* has no place in the order */
	assert_null(next_text(&c));
}

/* One more process of maru-api, which says that it is the feeder. */
static int
come_as_feeder(void)
{
	const struct wire_packet hello = {.op = WIRE_FEEDER};
	int fd = wire_connect(path);

	assert_true(fd >= 0);
	assert_int_equal(wire_send(fd, &hello), WIRE_OK);
	run_turn();
	run_turn();
	return fd;
}

/* One of each answer; returns how many arrive in follow.c. */
static unsigned
answers_that_count(int fd)
{
	static const enum wire_op ops[] = {WIRE_FETCHED, WIRE_HEAD, WIRE_HEADS};
	unsigned before = told.fetched + told.ends + told.heads;

	for (size_t i = 0; i < 3; i++) {
		struct wire_packet p = {
		    .op = ops[i], .kind = WIRE_ROOM, .stream = 7, .channel = STR("x")};

		p.body = STR("body");
		assert_int_equal(wire_send(fd, &p), WIRE_OK);
	}
	run_turn();
	return told.fetched + told.ends + told.heads - before;
}

static void
only_the_feeder_is_asked_and_believed(void **state)
{
	const struct wire_packet need = {
	    .op = WIRE_NEED, .kind = WIRE_ROOM, .stream = 7, .seq = 5, .user = 100};
	struct wire_packet got;
	int feeder;

	(void)state;
	assert_false(bus_ask(&need));
	assert_int_equal(answers_that_count(api), 0);
	feeder = come_as_feeder();
	assert_int_equal(told.feeders, 1);
	assert_true(bus_ask(&need));
	assert_int_equal(wire_recv(feeder, packet, &got), WIRE_OK);
	assert_int_equal(got.op, WIRE_NEED);
	assert_true(got.stream == 7 && got.seq == 5 && got.user == 100);
	assert_int_equal(wire_recv(api, packet, &got), WIRE_AGAIN);
	assert_int_equal(answers_that_count(api), 0);
	assert_int_equal(answers_that_count(feeder), 3);
	assert_true(told.fetched == 1 && told.ends == 1 && told.heads == 1);
	(void)close(feeder);
	run_turn();
	assert_int_equal(told.feeders, 2);
	assert_false(bus_ask(&need));
}

static void
the_latest_feeder_counts(void **state)
{
	const struct wire_packet need = {.op = WIRE_NEED, .kind = WIRE_ROOM, .stream = 7};
	struct wire_packet got;
	int old = come_as_feeder(), new = come_as_feeder();

	(void)state;
	assert_int_equal(told.feeders, 2);
	assert_int_equal(answers_that_count(old), 0);
	(void)close(old); /* takes nothing with it */
	run_turn();
	assert_int_equal(told.feeders, 2);
	assert_true(bus_ask(&need));
	assert_int_equal(wire_recv(new, packet, &got), WIRE_OK);
	assert_int_equal(answers_that_count(new), 3);
	(void)close(new);
	run_turn();
	assert_int_equal(told.feeders, 3);
}

static void
a_feeder_that_does_not_read_is_not_waited_for(void **state)
{
	const struct wire_packet need = {.op = WIRE_NEED, .kind = WIRE_ROOM, .stream = 7};
	struct wire_packet got;
	int feeder = come_as_feeder();
	unsigned sent = 0;

	(void)state;
	while (bus_ask(&need))
		assert_true(++sent < 1000000);
	assert_true(sent > 10);
	while (wire_recv(feeder, packet, &got) == WIRE_OK)
		sent--;
	assert_int_equal(sent, 0);
	assert_true(bus_ask(&need));
	(void)close(feeder);
	run_turn();
}

/* Nobody is in any room: whoever is asked after is told to be away, to the feeder alone. */
static void
the_feeder_asks_who_sits_where(void **state)
{
	struct wire_seat desks[] = {{7, 3, 1}, {8, 0, 1}};
	const struct wire_packet ask = {
	    .op = WIRE_DESKS, .body = {(const char *)desks, sizeof(desks)}};
	struct wire_packet got;
	int feeder = come_as_feeder();

	(void)state;
	assert_int_equal(wire_send(api, &ask), WIRE_OK);
	run_turn();
	assert_int_equal(wire_recv(api, packet, &got), WIRE_AGAIN);
	assert_int_equal(wire_send(feeder, &ask), WIRE_OK);
	run_turn();
	assert_int_equal(wire_recv(feeder, packet, &got), WIRE_OK);
	assert_int_equal(got.op, WIRE_SEATED);
	assert_int_equal(got.body.n, sizeof(desks));
	memcpy(desks, got.body.p, got.body.n);
	assert_true(desks[0].user == 7 && desks[0].place == 3 && desks[0].here == 0);
	assert_true(desks[1].user == 8 && desks[1].place == 0 && desks[1].here == 0);
	(void)close(feeder);
	run_turn();
}

static void
packets_without_sense_are_dropped(void **state)
{
	static const struct wire_packet bad[] = {
	    {.op = WIRE_EVENT, .channel = {"shop", 4}},
	    {.op = WIRE_EVENT, .body = {"x", 1}},
	    {.op = WIRE_EVENT, .kind = WIRE_ROOM, .stream = 7, .channel = {"shop", 4}},
	    {.op = WIRE_EVENT, .kind = WIRE_ROOM, .stream = 7, .body = {"x", 1}},
	    {.op = WIRE_SIGNAL, .channel = {"shop", 4}},
	    {.op = WIRE_SIGNAL, .body = {"x", 1}},
	    {.op = WIRE_FETCHED, .channel = {"shop", 4}, .body = {"x", 1}}, /* of no stream */
	    {.op = WIRE_FETCHED, .kind = WIRE_ROOM, .stream = 7, .channel = {"shop", 4}},
	    {.op = WIRE_HEAD, .seq = 5},
	    {.op = WIRE_HEADS, .body = {"x", 1}},
	    {.op = WIRE_NEED, .kind = WIRE_ROOM, .stream = 7}, /* are what we ask */
	    {.op = WIRE_ASK, .kind = WIRE_ROOM},
	    {.op = WIRE_SEATED, .body = {"123456789012345678901234", 24}},
	    {.op = WIRE_DESKS},
	    {.op = WIRE_DESKS, .body = {"12345678901234567890123", 23}},
	};
	int feeder = come_as_feeder();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wire_send(feeder, &bad[i]), WIRE_OK);
	assert_int_equal(write(feeder, "junk", 4), 4);
	run_turn();
	assert_true(told.events == 0 && told.fetched == 0 && told.ends == 0 && told.heads == 0);
	assert_null(next_text(&c));
	assert_int_equal(answers_that_count(feeder), 3); /* the peer stays */
	put(WIRE_EVENT, "shop", "after junk");
	run_turn();
	assert_string_equal(next_text(&c), "after junk");
	assert_null(next_text(&c));
	assert_int_equal(c.closing, 0);
	(void)close(feeder);
	run_turn();
}

static void
a_round_is_bounded(void **state)
{
	unsigned got = 0;

	(void)state;
	for (unsigned i = 0; i < 150; i++)
		put(WIRE_EVENT, "shop", "x");
	run_turn();
	while (next_text(&c) != NULL)
		got++;
	assert_in_range(got, 1, 149);
	assert_int_equal(fake.hurries, 1);
	run_turn();
	while (next_text(&c) != NULL)
		got++;
	assert_int_equal(got, 150);
}

static void
nothing_is_read_before_all_clients_are_served(void **state)
{
	(void)state;
	put(WIRE_EVENT, "shop", "one");
	fake.behind = true;
	run_turn();
	assert_null(next_text(&c));
	fake.behind = false;
	run_turn();
	assert_string_equal(next_text(&c), "one");
}

static void
peers_come_and_go(void **state)
{
	(void)state;
	(void)close(api);
	run_turn();
	api = wire_connect(path);
	assert_true(api >= 0);
	run_turn();
	put(WIRE_EVENT, "shop", "again");
	run_turn();
	assert_string_equal(next_text(&c), "again");
}

static void
a_second_daemon_is_refused(void **state)
{
	(void)state;
	assert_int_equal(wire_listen(path), -1);
	assert_int_equal(errno, EADDRINUSE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(packets_of_others_go_to_their_channels),
	    TEST(events_of_streams_are_put_in_order_first),
	    TEST(only_the_feeder_is_asked_and_believed),
	    TEST(the_latest_feeder_counts),
	    TEST(a_feeder_that_does_not_read_is_not_waited_for),
	    TEST(the_feeder_asks_who_sits_where),
	    TEST(packets_without_sense_are_dropped),
	    TEST(a_round_is_bounded),
	    TEST(nothing_is_read_before_all_clients_are_served),
	    TEST(peers_come_and_go),
	    TEST(a_second_daemon_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
