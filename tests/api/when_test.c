/* SPDX-License-Identifier: MIT */
#include "api/dice.h"
#include "api/when.h"
#include "api/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define NOON INT64_C(1796011200000) /* 2026-11-30 04:00 UTC is 13:00 in Seoul */

static void
assert_due(const char *text, int64_t due, const char *rest)
{
	const char *behind = "";
	int64_t got = 0;

	assert_true(when_read(text, NOON, &got, &behind));
	assert_int_equal(got, due);
	assert_string_equal(behind, rest);
}

static void
test_spans(void **state)
{
	(void)state;
	zone_use("Asia/Seoul");
	assert_due("10m 물 마시기", NOON + HOUR / 6, "물 마시기");
	assert_due("1h30m   tea", NOON + HOUR + HOUR / 2, "tea");
	assert_due("2시간 회의", NOON + 2 * HOUR, "회의");
	assert_due("1일12시간", NOON + 36 * HOUR, "");
	assert_due("1w x", NOON + 7 * 24 * HOUR, "x");
	assert_due("0s x", NOON, "x");
}

static void
test_points(void **state)
{
	(void)state;
	zone_use("Asia/Seoul");
	assert_due("13:30 tea", NOON + HOUR / 2, "tea");
	assert_due("9:00 tea", NOON + 20 * HOUR, "tea");
	assert_due("13:00 tea", NOON + 24 * HOUR, "tea");
	assert_due("2026-12-01 09:00 tea", NOON + 20 * HOUR, "tea");
	assert_due("2026-12-01T09:00", NOON + 20 * HOUR, "");
	assert_due("2026-11-01 09:00 past", NOON - (29 * 24 + 4) * HOUR, "past");
	zone_use("America/New_York"); /* where it is 23:00 of the day before */
	assert_due("23:30 tea", NOON + HOUR / 2, "tea");
	assert_due("07:00 tea", NOON + 8 * HOUR, "tea");
}

static void
test_nonsense(void **state)
{
	static const char *const texts[] = {"", " ", "tea", "10", "10 m", "10mtea", "m", "10x tea",
	    "99999m x", "24:00 x", "12:60 x", "1:5 x", "2026-02-30 09:00 x", "2026-13-01 09:00 x",
	    "2026-12-01", "2026-12-0109:00 x", "26-12-01 09:00 x", "-5m x", "10m30 x", "10시 x"};
	const char *rest;
	int64_t due;

	(void)state;
	zone_use("UTC");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (when_read(texts[i], NOON, &due, &rest))
			fail_msg("\"%s\" was taken for a time", texts[i]);
	}
}

static void
test_dice(void **state)
{
	static const char *const texts[] = {"6", "2d", "0d6", "21d6", "2d1", "2d1001", "2d6 ",
	    " 2d6", "2D6", "2d6x", "99999d6", "2d99999", "-1d6", "d"};
	struct dice d;

	(void)state;
	assert_true(dice_read("2d6", &d) && d.count == 2 && d.sides == 6);
	assert_true(dice_read("d20", &d) && d.count == 1 && d.sides == 20);
	assert_true(dice_read("20d1000", &d) && d.count == 20 && d.sides == 1000);
	assert_true(dice_read("", &d) && d.count == 1 && d.sides == 6);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (dice_read(texts[i], &d))
			fail_msg("\"%s\" was taken for dice", texts[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spans),
	    cmocka_unit_test(test_points),
	    cmocka_unit_test(test_nonsense),
	    cmocka_unit_test(test_dice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
