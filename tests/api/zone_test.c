/* SPDX-License-Identifier: MIT */
#include "api/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR 3600000

static int64_t
wall(const char *zone, int month, int day, int hour, int minute, int64_t since)
{
	struct tm tm = {
	    .tm_year = 126, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};

	zone_use(zone);
	return zone_wall(&tm, since);
}

static void
a_local_time_is_that_of_the_zone(void **state)
{
	struct tm tm;

	(void)state;
	zone_use("Asia/Seoul");
	zone_local(1795932300123, &tm); /* 2026-11-29T06:05:00.123Z */
	assert_int_equal(tm.tm_hour, 15);
	assert_int_equal(tm.tm_mday, 29);
	assert_int_equal(tm.tm_wday, 0);
	assert_int_equal(tm.tm_gmtoff, 9 * 3600);
	zone_use("America/New_York");
	zone_local(1795932300123, &tm);
	assert_int_equal(tm.tm_hour, 1);
	zone_use("Nowhere/At_All");
	zone_local(1795932300123, &tm);
	assert_int_equal(tm.tm_hour, 6);
	assert_int_equal(tm.tm_gmtoff, 0);
}

static void
a_wall_time_is_found_again(void **state)
{
	(void)state;
	assert_int_equal(wall("Asia/Seoul", 11, 29, 15, 5, 0), 1795932300000);
	assert_int_equal(wall("UTC", 11, 29, 6, 5, 0), 1795932300000);
	/* The day after the last one of a month, midnight in summer time. */
	assert_int_equal(wall("Europe/Berlin", 3, 32, 0, 0, 0), 1774994400000);
	assert_int_equal(wall("Asia/Kathmandu", 1, 1, 0, 0, 0), 1767204900000);
}

static void
an_hour_that_comes_twice_is_the_first_not_before_what_was(void **state)
{
	const int64_t first = 1792888200000; /* 02:30 in summer time */

	(void)state;
	assert_int_equal(wall("Europe/Berlin", 10, 25, 2, 30, 0), first);
	assert_int_equal(wall("Europe/Berlin", 10, 25, 2, 30, first), first);
	assert_int_equal(wall("Europe/Berlin", 10, 25, 2, 30, first + 1), first + HOUR);
	assert_int_equal(wall("Europe/Berlin", 10, 25, 2, 30, first + HOUR), first + HOUR);
	/* What was said later than both: the file is not in order, the time stays. */
	assert_int_equal(wall("Europe/Berlin", 10, 25, 2, 30, first + 2 * HOUR), first);
}

static void
an_hour_that_never_comes_is_moved(void **state)
{
	(void)state;
	assert_int_equal(wall("Europe/Berlin", 3, 29, 2, 30, 0), 1774747800000);
	assert_int_equal(wall("Europe/Berlin", 3, 29, 3, 30, 0), 1774747800000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_local_time_is_that_of_the_zone),
	    cmocka_unit_test(a_wall_time_is_found_again),
	    cmocka_unit_test(an_hour_that_comes_twice_is_the_first_not_before_what_was),
	    cmocka_unit_test(an_hour_that_never_comes_is_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
