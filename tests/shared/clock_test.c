/* SPDX-License-Identifier: MIT */
#include "shared/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void
times_are_written_as_rfc_3339_utc_with_milliseconds(void **state)
{
	static const struct {
		int64_t wall;
		const char *text;
	} vectors[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {999, "1970-01-01T00:00:00.999Z"},
	    {951782399999, "2000-02-28T23:59:59.999Z"},
	    {951782400000, "2000-02-29T00:00:00.000Z"},
	    {1709210096007, "2024-02-29T12:34:56.007Z"},
	    {2147483647000, "2038-01-19T03:14:07.000Z"},
	    {2147483648000, "2038-01-19T03:14:08.000Z"},
	    {4107542399123, "2100-02-28T23:59:59.123Z"},
	    {4107542400000, "2100-03-01T00:00:00.000Z"},
	    {253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		clock_text(vectors[i].wall, text);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(strlen(text), CLOCK_TEXT_SIZE - 1);
	}
}

static void
wall_time_counts_milliseconds_since_1970(void **state)
{
	int64_t before = (int64_t)time(NULL), now = clock_wall(), after = (int64_t)time(NULL);

	(void)state;
	/* time() may read a coarser clock that is a tick behind. */
	assert_true(now / 1000 >= before && now / 1000 <= after + 1);
}

static void
the_other_clock_never_goes_back(void **state)
{
	int64_t last = clock_mono();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t now = clock_mono();

		assert_true(now >= last);
		last = now;
	}
}

static void
what_was_written_is_read(void **state)
{
	static const char *const bad[] = {"", "2026-11-29", "2026-11-29T01:02:03Z",
	    "2026-11-29T01:02:03.004", "2026-11-29T01:02:03.004Z ", "2026-11-29 01:02:03.004Z",
	    "2026-02-29T01:02:03.004Z", "2026-13-01T01:02:03.004Z", "2026-11-29T24:02:03.004Z",
	    "2026-11-29T01:60:03.004Z", "1969-12-31T23:59:59.999Z", "0000-00-00T00:00:00.000Z",
	    "2026-11-29T01:02:0\xff.004Z", "-026-11-29T01:02:03.004Z"};
	static const int64_t walls[] = {0, 951782400007, 4107542400000, 253402300799999};
	char text[CLOCK_TEXT_SIZE];
	int64_t wall;

	(void)state;
	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		clock_text(walls[i], text);
		assert_true(clock_read(text, &wall));
		assert_int_equal(wall, walls[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(clock_read(bad[i], &wall));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read),
	    cmocka_unit_test(times_are_written_as_rfc_3339_utc_with_milliseconds),
	    cmocka_unit_test(wall_time_counts_milliseconds_since_1970),
	    cmocka_unit_test(the_other_clock_never_goes_back),
	};

	return cmocka_run_group_tests_name("shared/clock", tests, NULL, NULL);
}
