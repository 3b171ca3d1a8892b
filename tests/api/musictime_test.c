/* SPDX-License-Identifier: MIT */
/* Where the music is: beginnings and ends, many rounds, and what is taken off. */
#include "api/musictime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct musictime_track three[] = {{7, 1000}, {8, 2000}, {9, 500}};

static void
expect(struct musictime at, int64_t now, uint64_t track, int64_t position)
{
	musictime_advance(&at, three, 3, now);
	assert_int_equal(at.track, track);
	assert_int_equal(at.position, position);
}

static void
goes_on(void **state)
{
	const struct musictime at = {8, 1500, 10000};

	(void)state;
	expect(at, 10000, 8, 1500);
	expect(at, 10499, 8, 1999);
	expect(at, 10500, 9, 0);
	expect(at, 10999, 9, 499);
	expect(at, 11000, 7, 0);
	expect(at, 12000, 8, 0);
	expect(at, 13500, 8, 1500);
	expect(at, 13500 + INT64_C(3500) * 1000000 + 500, 9, 0);
	expect(at, 9000, 8, 1500); /* a clock that was put back */
}

static void
stands_still(void **state)
{
	(void)state;
	expect((struct musictime){8, 1500, 0}, 99999, 8, 1500);
	expect((struct musictime){5, 1500, 10000}, 99999, 0, 0);
	expect((struct musictime){0}, 99999, 0, 0);
}

/* By small steps and by one large one it comes to the same place. */
static void
steps(void **state)
{
	struct musictime one = {7, 0, 1000}, many = one;

	(void)state;
	for (int64_t now = 1000; now <= 50000; now += 77)
		musictime_advance(&many, three, 3, now);
	musictime_advance(&one, three, 3, many.since);
	assert_int_equal(one.track, many.track);
	assert_int_equal(one.position, many.position);
}

static void
drops(void **state)
{
	struct musictime at = {8, 1500, 10000};

	(void)state;
	musictime_drop(&at, three, 3, 7);
	assert_true(at.track == 8 && at.position == 1500 && at.since == 10000);
	musictime_drop(&at, three, 3, 8);
	assert_true(at.track == 9 && at.position == 0 && at.since == 10000);
	musictime_drop(&at, three, 3, 9);
	assert_true(at.track == 7 && at.position == 0);
	musictime_drop(&at, three, 1, 7);
	assert_true(at.track == 0 && at.position == 0 && at.since == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_on),
	    cmocka_unit_test(stands_still),
	    cmocka_unit_test(steps),
	    cmocka_unit_test(drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
