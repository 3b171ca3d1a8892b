/* SPDX-License-Identifier: MIT */
#include "push/conn.h"
#include "push/pressure.h"
#include "push/silence.h"
#include "push/stats.h"
#include "push/turn.h"
#include "push/ws.h"

#include "crypt.h"

#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define CROWD 1500 /* more than two slices, fewer than three */

/* ---- the loop and the sockets ---- */

static struct {
	struct ev_prepare *prepare;
	struct ev_timer *rest;
	unsigned writes, awaited, turns;
	bool crowded;     /* the processors are busy */
	bool full;        /* no socket takes anything */
	struct conn *bad; /* whose socket is dead */
	struct conn *finished;
} fake;

struct stats stats;

void
ev_prepare_start(struct ev_loop *loop, struct ev_prepare *w)
{
	(void)loop;
	fake.prepare = w;
}

void
ev_prepare_stop(struct ev_loop *loop, struct ev_prepare *w)
{
	(void)loop;
	(void)w;
	fake.prepare = NULL;
}

void
ev_io_start(struct ev_loop *loop, struct ev_io *w)
{
	(void)loop;
	w->active = 1;
}

void
ev_io_stop(struct ev_loop *loop, struct ev_io *w)
{
	(void)loop;
	w->active = 0;
}

void
ev_idle_start(struct ev_loop *loop, struct ev_idle *w)
{
	(void)loop;
	w->active = 1;
}

void
ev_idle_stop(struct ev_loop *loop, struct ev_idle *w)
{
	(void)loop;
	w->active = 0;
}

void
ev_timer_start(struct ev_loop *loop, struct ev_timer *w)
{
	(void)loop;
	w->active = 1;
	fake.rest = w;
}

void
ev_timer_stop(struct ev_loop *loop, struct ev_timer *w)
{
	(void)loop;
	w->active = 0;
}

ev_tstamp
ev_time(void)
{
	return 0;
}

ev_tstamp
ev_now(struct ev_loop *loop)
{
	(void)loop;
	return 0;
}

void
stats_turn(double seconds, int64_t now)
{
	(void)seconds;
	(void)now;
	fake.turns++;
}

bool
pressure_is_high(void)
{
	return fake.crowded;
}

void
pressure_start(struct ev_loop *loop)
{
	(void)loop;
}

void
pressure_stop(void)
{
}

bool
ws_write(struct conn *c, unsigned char *bytes, size_t n)
{
	(void)bytes;
	assert_true(n > 0);
	fake.writes++;
	return c != fake.bad;
}

bool
ws_is_full(struct conn *c)
{
	(void)c;
	return fake.full;
}

void
ws_await(struct conn *c)
{
	(void)c;
	fake.awaited++;
}

void
ws_finish(struct conn *c, unsigned char *bytes, size_t n)
{
	(void)bytes;
	assert_true(n > 0);
	fake.finished = c;
}

/* The loop does not wait for as long as messages are gathered. */
static void
run_turn(void)
{
	if (fake.rest != NULL)
		fake.rest->active = 0;
	fake.prepare->cb(NULL, fake.prepare, EV_PREPARE);
}

/* ---- the clients ---- */

static struct conf conf;
static struct conn *crowd;

static int
start(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	conf_init(&conf);
	if (!crypt_init() || (crowd = calloc(CROWD, sizeof(*crowd))) == NULL)
		return -1;
	silence_start();
	turn_start(NULL);
	for (unsigned i = 0; i < CROWD; i++) {
		conn_init(&crowd[i], &conf, NULL);
		silence_hear(&crowd[i]);
	}
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CROWD; i++) {
		turn_forget(&crowd[i]);
		silence_forget(&crowd[i]);
		conn_finish(&crowd[i]);
	}
	turn_stop();
	assert_null(fake.prepare);
	silence_stop();
	free(crowd);
	conf_finish(&conf);
	return 0;
}

static void
tell_all(void)
{
	struct msg *m = msg_event("news", STR("shop"), STR("{}"));

	for (unsigned i = 0; i < CROWD; i++)
		assert_true(conn_send(&crowd[i], m));
	msg_put(m);
}

static unsigned
count_waiting(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CROWD; i++)
		n += conn_peek(&crowd[i]) != NULL;
	return n;
}

static void
a_message_spreads_in_slices(void **state)
{
	unsigned before;

	(void)state;
	tell_all();
	run_turn();
	before = count_waiting();
	assert_in_range(before, 1, CROWD - 1);
	assert_true(turn_is_behind());
	run_turn();
	assert_in_range(count_waiting(), 1, before - 1);
	run_turn();
	assert_int_equal(count_waiting(), 0);
	assert_int_equal(fake.writes, CROWD);
	assert_false(turn_is_behind());
	assert_int_equal(fake.turns, 3);
}

/* In the order in which they were told: nobody waits for more than one round. */
static void
who_is_told_again_waits_behind_the_others(void **state)
{
	(void)state;
	tell_all();
	run_turn();
	tell_all();
	run_turn();
	assert_true(turn_is_behind());
	run_turn();
	assert_null(conn_peek(&crowd[CROWD - 1]));
	assert_false(turn_is_behind()); /* those who are left wait for the next round */
	assert_false(turn_is_done());
	run_turn();
	assert_true(turn_is_done());
	assert_int_equal(count_waiting(), 0);
	/* Who had not had the first yet got both in one write. */
	assert_in_range(fake.writes, CROWD + 1, 2 * CROWD - 1);
}

/* However often clients are told something, by others: the bus has its turn after each round. */
static void
who_is_told_all_the_time_does_not_hold_up_the_bus(void **state)
{
	unsigned heard = 0;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		tell_all();
		run_turn();
		assert_false(turn_is_done());
		heard += !turn_is_behind();
	}
	assert_in_range(heard, 9, 11);
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_true(turn_is_done());
	assert_int_equal(count_waiting(), 0);
}

static void
after_many_the_next_are_gathered(void **state)
{
	struct ev_io bus = {.active = 1};
	unsigned writes, rounds = turn_rounds();

	(void)state;
	fake.crowded = true;
	turn_hold(&bus);
	tell_all();
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_int_equal(turn_rounds(), rounds + 1);
	assert_true(fake.rest->active);
	assert_false(bus.active);
	assert_in_range((int)(fake.rest->at * 1000000), 10000, 50000);
	writes = fake.writes;
	for (unsigned i = 0; i < 2; i++) {
		tell_all();
		fake.prepare->cb(NULL, fake.prepare, EV_PREPARE);
	}
	assert_int_equal(fake.writes, writes);
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_int_equal(fake.writes, writes + CROWD); /* two messages in each */
	assert_int_equal(count_waiting(), 0);
	fake.rest->active = 0;
	fake.rest->cb(NULL, fake.rest, EV_TIMER);
	assert_true(bus.active);
	turn_hold(NULL);
}

static void
where_more_waits_nothing_is_gathered(void **state)
{
	(void)state;
	fake.crowded = true;
	tell_all();
	turn_hurry();
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_int_equal(count_waiting(), 0);
	assert_null(fake.rest);
	tell_all();
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_non_null(fake.rest);
}

static void
with_a_processor_to_spare_nothing_is_gathered(void **state)
{
	(void)state;
	tell_all();
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_int_equal(count_waiting(), 0);
	assert_null(fake.rest);
}

static void
after_few_nothing_is_gathered(void **state)
{
	(void)state;
	fake.crowded = true;
	for (unsigned i = 0; i < 20; i++)
		assert_true(conn_give(&crowd[i], msg_ping()));
	run_turn();
	assert_int_equal(fake.writes, 20);
	assert_null(fake.rest);
}

static void
a_full_socket_is_left_to_its_own_readiness(void **state)
{
	(void)state;
	fake.full = true;
	tell_all();
	for (unsigned i = 0; i < 3; i++)
		run_turn();
	assert_int_equal(fake.awaited, CROWD);
	assert_int_equal(fake.writes, 0);
	assert_false(turn_is_behind());
	fake.full = false;
	assert_true(turn_drain(&crowd[7]));
	assert_int_equal(fake.writes, 1);
}

static void
a_dead_socket_ends_one_connection(void **state)
{
	(void)state;
	fake.bad = &crowd[3];
	tell_all();
	for (unsigned i = 0; i < 4; i++)
		run_turn();
	assert_ptr_equal(fake.finished, fake.bad);
	assert_int_equal(count_waiting(), 0);
	assert_false(turn_is_behind());
}

static void
who_ends_is_told_nothing_more(void **state)
{
	(void)state;
	turn_end(&crowd[0], 4009, "enough");
	turn_end(&crowd[0], 4100, "the first reason counts");
	tell_all();
	assert_null(conn_peek(&crowd[0]));
	run_turn();
	assert_ptr_equal(fake.finished, &crowd[0]);
	assert_int_equal(crowd[0].closing, 4009);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_message_spreads_in_slices),
	    TEST(who_is_told_again_waits_behind_the_others),
	    TEST(after_many_the_next_are_gathered),
	    TEST(where_more_waits_nothing_is_gathered),
	    TEST(with_a_processor_to_spare_nothing_is_gathered),
	    TEST(after_few_nothing_is_gathered),
	    TEST(who_is_told_all_the_time_does_not_hold_up_the_bus),
	    TEST(a_full_socket_is_left_to_its_own_readiness),
	    TEST(a_dead_socket_ends_one_connection),
	    TEST(who_ends_is_told_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
