/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/later.h"

static struct thing {
	struct later later;
	unsigned happened;
} things[3];

static int
start(void **state)
{
	int rc = fakes_start(state);

	play.now = 1000000;
	memset(things, 0, sizeof(things));
	later_start(&conf, (struct ev_loop *)&play);
	return rc;
}

static int
stop(void **state)
{
	later_stop();
	return fakes_stop(state);
}

static void
happen(struct later *l)
{
	((struct thing *)l)->happened++;
}

/* Whether the loop is woken in vain. */
static bool
ticks(void)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		if (play.timers[i] != NULL)
			return true;
	}
	return false;
}

static void
each_happens_when_its_while_is_over(void **state)
{
	(void)state;
	assert_false(ticks());
	later_put_off(&things[0].later, LATER_LINGER, happen);
	pass(500);
	later_put_off(&things[1].later, LATER_SECOND, happen);
	assert_true(later_waits(&things[1].later));
	pass(999);
	assert_int_equal(things[1].happened, 0);
	pass(200);
	assert_int_equal(things[1].happened, 1);
	assert_false(later_waits(&things[1].later));
	assert_int_equal(things[0].happened, 0);
	pass(3500);
	assert_int_equal(things[0].happened, 1);
	assert_false(ticks());
}

static void
what_is_called_off_does_not_happen(void **state)
{
	(void)state;
	later_call_off(&things[0].later);
	later_put_off(&things[0].later, LATER_SECOND, happen);
	later_call_off(&things[0].later);
	assert_false(ticks());
	pass(2000);
	assert_int_equal(things[0].happened, 0);
}

static void
again(struct later *l)
{
	if (++((struct thing *)l)->happened < 3)
		later_put_off(l, LATER_SECOND, again);
}

static void
it_may_be_put_off_again(void **state)
{
	(void)state;
	later_put_off(&things[0].later, LATER_SECOND, again);
	pass(1100);
	assert_int_equal(things[0].happened, 1);
	pass(3000);
	assert_int_equal(things[0].happened, 3);
}

static void
at_the_end_all_happens(void **state)
{
	(void)state;
	later_put_off(&things[0].later, LATER_LINGER, happen);
	later_put_off(&things[1].later, LATER_SECOND, again);
	later_stop();
	assert_int_equal(things[0].happened, 1);
	assert_int_equal(things[1].happened, 3);
	later_put_off(&things[2].later, LATER_SECOND, happen);
	assert_int_equal(things[2].happened, 1);
	assert_false(ticks());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_happens_when_its_while_is_over),
	    TEST(what_is_called_off_does_not_happen),
	    TEST(it_may_be_put_off_again),
	    TEST(at_the_end_all_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
