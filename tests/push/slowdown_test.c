/* SPDX-License-Identifier: MIT */
#include "push/slowdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
delays_double_up_to_their_end(void **state)
{
	(void)state;
	for (uint64_t random = 0; random < 5000; random += 7) {
		assert_in_range(slowdown_delay(1, 300000, random), 500, 1000);
		assert_in_range(slowdown_delay(2, 300000, random), 1000, 2000);
		assert_in_range(slowdown_delay(9, 300000, random), 128000, 256000);
		assert_in_range(slowdown_delay(10, 300000, random), 150000, 300000);
		assert_in_range(slowdown_delay(4000000000U, 300000, random), 150000, 300000);
	}
}

static void
one_at_a_time_tries_a_server_that_fails(void **state)
{
	struct slowdown s;

	(void)state;
	slowdown_init(&s, 4);
	assert_true(slowdown_allows(&s, 3, 0));
	assert_false(slowdown_allows(&s, 4, 0));
	/* All four fail; that is one failure. */
	for (int i = 0; i < 4; i++)
		slowdown_failed(&s, 0, 0, 500, 100);
	assert_int_equal(s.tries, 1);
	assert_false(slowdown_allows(&s, 0, 100 + 499));
	assert_true(slowdown_allows(&s, 0, 100 + 1000));
	assert_false(slowdown_allows(&s, 1, 100 + 1000));
	for (unsigned tries = 1; tries < 50; tries++)
		slowdown_failed(&s, tries, 0, UINT64_MAX, 2000);
	assert_false(slowdown_allows(&s, 0, 2000 + 29999));
	assert_true(slowdown_allows(&s, 0, 2000 + 60000));
	assert_true(slowdown_worked(&s));
	assert_false(slowdown_allows(&s, 2, 70000));
	assert_true(slowdown_allows(&s, 1, 70000));
	assert_false(slowdown_worked(&s));
	assert_true(slowdown_allows(&s, 3, 70000));
}

static void
the_wish_of_the_server_counts_within_bounds(void **state)
{
	struct slowdown s;

	(void)state;
	slowdown_init(&s, 4);
	slowdown_failed(&s, 0, 20, 0, 0);
	assert_false(slowdown_allows(&s, 0, 19999));
	assert_true(slowdown_allows(&s, 0, 20000));
	slowdown_failed(&s, 1, 1000000000, 0, 0);
	assert_false(slowdown_allows(&s, 0, 299999));
	assert_true(slowdown_allows(&s, 0, 300000));
	slowdown_failed(&s, 2, -5, 0, 0);
	assert_false(slowdown_allows(&s, 0, 1999));
	assert_true(slowdown_allows(&s, 0, 4000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(delays_double_up_to_their_end),
	    cmocka_unit_test(one_at_a_time_tries_a_server_that_fails),
	    cmocka_unit_test(the_wish_of_the_server_counts_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
