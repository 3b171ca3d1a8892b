/* SPDX-License-Identifier: MIT */
#include "api/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena mem;

static int
start(void **state)
{
	(void)state;
	arena_init(&mem);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

static void
assert_value(const char *query, const char *name, const char *expected)
{
	const char *value = query_value(&mem, str_of(query), name);

	if (expected == NULL) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_string_equal(value, expected);
}

static void
a_value_is_found_at_the_start_in_the_middle_and_at_the_end(void **state)
{
	(void)state;
	assert_value("a=1&b=2&c=3", "a", "1");
	assert_value("a=1&b=2&c=3", "b", "2");
	assert_value("a=1&b=2&c=3", "c", "3");
	assert_value("a=1", "a", "1");
}

static void
only_the_whole_name_counts(void **state)
{
	(void)state;
	assert_value("limit2=1&xlimit=2&limi=3&LIMIT=4", "limit", NULL);
	assert_value("limit", "limit", NULL);
	assert_value("limit&limit=5", "limit", "5");
	assert_value("", "limit", NULL);
	assert_value("&&&", "limit", NULL);
	assert_value("=1", "limit", NULL);
}

static void
the_first_of_several_wins_and_a_value_may_be_empty(void **state)
{
	(void)state;
	assert_value("a=1&a=2", "a", "1");
	assert_value("a=&a=2", "a", "");
	assert_value("&&a=3&", "a", "3");
	assert_value("a==b=c", "a", "=b=c");
}

static void
percent_and_plus_are_decoded(void **state)
{
	(void)state;
	assert_value("a=b+c%20d%2Be%26f%3d", "a", "b c d+e&f=");
	assert_value("a=%EB%A7%88%eb%a3%a8", "a", "마루");
	assert_value("a=%2541", "a", "%41");
	assert_value("a=%7f%01", "a", "\x7f\x01");
}

static void
broken_escapes_and_nul_are_no_text(void **state)
{
	(void)state;
	assert_value("a=%", "a", NULL);
	assert_value("a=x%4", "a", NULL);
	assert_value("a=%4&b=1", "a", NULL);
	assert_value("a=%G0", "a", NULL);
	assert_value("a=%0G", "a", NULL);
	assert_value("a=%0x", "a", NULL);
	assert_value("a=x%00y", "a", NULL);
	assert_value("a=%00", "a", NULL);
	assert_null(query_value(&mem, STR("a=x\0y"), "a"));
}

static void
nothing_behind_the_given_length_is_read(void **state)
{
	char heap[] = {'a', '=', '%', '4'}; /* without a NUL: the sanitizer watches */

	(void)state;
	assert_null(query_value(&mem, (struct str){heap, sizeof(heap)}, "a"));
	assert_string_equal(query_value(&mem, (struct str){"a=123", 4}, "a"), "12");
	assert_null(query_value(&mem, (struct str){NULL, 0}, "a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_value_is_found_at_the_start_in_the_middle_and_at_the_end),
	    cmocka_unit_test(only_the_whole_name_counts),
	    cmocka_unit_test(the_first_of_several_wins_and_a_value_may_be_empty),
	    cmocka_unit_test(percent_and_plus_are_decoded),
	    cmocka_unit_test(broken_escapes_and_nul_are_no_text),
	    cmocka_unit_test(nothing_behind_the_given_length_is_read),
	};

	return cmocka_run_group_tests_name("api/query", tests, start, finish);
}
