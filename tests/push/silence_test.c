/* SPDX-License-Identifier: MIT */
#include "push/silence.h"

#include "fakes.h"

#include "push/codes.h"

#include "clock.h"

static struct conn c[3];
static int64_t base;

static int
start(void **state)
{
	int rc = fakes_start(state);

	conf.push_ping = 25;
	conf.push_hangup = 35;
	silence_start();
	base = clock_mono();
	for (unsigned i = 0; i < 3; i++) {
		conn_init(&c[i], &conf, NULL);
		silence_hear(&c[i]);
		c[i].heard = base + 1000 * i; /* one second apart */
	}
	return rc;
}

static int
stop(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		silence_forget(&c[i]);
		silence_forget(&c[i]);
		conn_finish(&c[i]);
	}
	assert_null(silence_any());
	silence_stop();
	return fakes_stop(state);
}

static void
tick(int64_t seconds)
{
	silence_tick(&conf, base + 1000 * seconds);
}

static void
asks_those_who_are_due(void **state)
{
	(void)state;
	tick(24);
	assert_null(conn_peek(&c[0]));
	tick(26);
	assert_int_equal(conn_peek(&c[0])->frame[0], 0x89);
	assert_non_null(conn_peek(&c[1]));
	assert_null(conn_peek(&c[2]));
	tick(26);
	assert_int_equal(c[0].count, 1); /* asked once */
	tick(27);
	assert_non_null(conn_peek(&c[2]));
}

static void
gives_up_on_those_who_stay_silent(void **state)
{
	(void)state;
	tick(30);
	silence_hear(&c[1]);
	c[1].heard = base + 30000;
	tick(35);
	assert_int_equal(c[0].closing, CODE_NO_PONG);
	assert_int_equal(c[1].closing, 0);
	assert_int_equal(c[2].closing, 0);
	tick(37);
	assert_int_equal(c[2].closing, CODE_NO_PONG);
	tick(54);
	assert_int_equal(c[1].count, 1); /* the ping of second 27 */
	tick(55);
	assert_int_equal(c[1].count, 2);
	tick(65);
	assert_int_equal(c[1].closing, CODE_NO_PONG);
	assert_null(silence_any());
	assert_int_equal(fake.closes, 3);
}

static void
those_who_speak_are_left_alone(void **state)
{
	(void)state;
	for (int64_t s = 1; s < 200; s++) {
		for (unsigned i = 0; i < 3; i++) {
			silence_hear(&c[i]);
			c[i].heard = base + 1000 * s;
		}
		tick(s + 24);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_null(conn_peek(&c[i]));
	assert_non_null(silence_any());
}

static void
the_forgotten_are_not_asked(void **state)
{
	(void)state;
	silence_forget(&c[0]);
	tick(60);
	assert_null(conn_peek(&c[0]));
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(fake.closes, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(asks_those_who_are_due),
	    TEST(gives_up_on_those_who_stay_silent),
	    TEST(those_who_speak_are_left_alone),
	    TEST(the_forgotten_are_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
