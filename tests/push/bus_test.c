/* SPDX-License-Identifier: MIT */
/* link: push/bus.o push/hub.o push/presence.o push/revoked.o push/table.o push/conn.o push/msg.o */
#include "fakes.h"

#include "push/bus.h"
#include "push/hub.h"

#include "wire.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <unistd.h>

/* The loop, played by two lists of watchers. */
static struct ev_io *ios[8];
static struct ev_prepare *turn;

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

void
ev_prepare_start(struct ev_loop *loop, struct ev_prepare *w)
{
	(void)loop;
	turn = w;
}

void
ev_prepare_stop(struct ev_loop *loop, struct ev_prepare *w)
{
	(void)loop;
	(void)w;
	turn = NULL;
}

/* One turn: every descriptor is looked at, as a level-triggered loop does while it is readable. */
static void
run_turn(void)
{
	turn->cb(NULL, turn, EV_PREPARE);
	for (unsigned i = 0; i < 8; i++) {
		if (ios[i] != NULL)
			ios[i]->cb(NULL, ios[i], EV_READ);
	}
}

static struct hub hub;
static struct conn c;
static char path[64];
static int api;

static int
start(void **state)
{
	int rc = fakes_start(state);

	(void)snprintf(path, sizeof(path), "/tmp/maru-bus-test-%d", (int)getpid());
	conf.bus_socket = path;
	hub_init(&hub, &conf);
	conn_init(&c, &conf, NULL);
	hub_join(&hub, &c, STR("lobby"), NULL);
	hub_identify(&hub, &c, 7, 70);
	conn_drop(&c);
	if (!bus_start(&conf, NULL, &hub))
		return -1;
	api = wire_connect(path);
	run_turn();
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

	p.user = 7;
	assert_int_equal(wire_send(api, &p), WIRE_OK);
}

static void
packets_become_calls(void **state)
{
	(void)state;
	put(WIRE_EVENT, "lobby", "one");
	put(WIRE_SIGNAL, "lobby", "two");
	run_turn();
	assert_string_equal(next_text(&c), "one");
	assert_string_equal(next_text(&c), "two");
	put(WIRE_REVOKE, "lobby", "");
	put(WIRE_EVENT, "lobby", "three");
	run_turn();
	assert_non_null(strstr(next_text(&c), "maru:unsubscribed"));
	assert_null(next_text(&c));
	put(WIRE_CUT, "", "");
	run_turn();
	assert_int_equal(c.closing, HUB_DISMISSED);
}

static void
packets_without_sense_are_dropped(void **state)
{
	static const struct wire_packet bad[] = {
	    {.op = WIRE_EVENT, .channel = {"lobby", 5}},
	    {.op = WIRE_EVENT, .body = {"x", 1}},
	    {.op = WIRE_REVOKE, .user = 7},
	    {.op = WIRE_REVOKE, .channel = {"lobby", 5}},
	    {.op = WIRE_CUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(bus_apply(&hub, &bad[i]));
	assert_int_equal(write(api, "junk", 4), 4);
	put(WIRE_EVENT, "lobby", "after junk");
	run_turn();
	assert_string_equal(next_text(&c), "after junk");
	assert_null(next_text(&c));
	assert_int_equal(c.closing, 0);
}

static void
a_turn_is_bounded(void **state)
{
	unsigned got = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		put(WIRE_EVENT, "lobby", "x");
	run_turn();
	while (next_text(&c) != NULL)
		got++;
	assert_in_range(got, 1, 99);
	run_turn();
	while (next_text(&c) != NULL)
		got++;
	assert_int_equal(got, 100);
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
	put(WIRE_EVENT, "lobby", "again");
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
	    TEST(packets_become_calls),
	    TEST(packets_without_sense_are_dropped),
	    TEST(a_turn_is_bounded),
	    TEST(peers_come_and_go),
	    TEST(a_second_daemon_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
