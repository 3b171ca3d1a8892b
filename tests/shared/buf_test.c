/* SPDX-License-Identifier: MIT */
#include "shared/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
texts_are_compared_by_length_and_bytes(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), str_of("abc")));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_false(str_eq(STR("abc"), STR("ab")));
	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_eq((struct str){"a\0b", 3}, STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
}

static void
an_empty_buffer_has_no_memory_until_something_is_added(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_null(b.p);
	buf_clear(&b);
	assert_null(b.p);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.p, "");
	buf_finish(&b);
	assert_null(b.p);
	buf_finish(&b);
}

static void
content_grows_and_stays_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		buf_addch(&b, (char)('a' + i % 26));
	buf_addstr(&b, "end");
	buf_printf(&b, "%s%05d", "!", 42);
	assert_false(b.full);
	assert_int_equal(b.n, 10009);
	assert_int_equal(strlen(b.p), b.n);
	assert_int_equal(b.p[9999], 'a' + 9999 % 26);
	assert_string_equal(b.p + 10000, "end!00042");
	buf_finish(&b);
}

static void
the_maximum_fits_exactly(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_addstr(&b, "12345");
	assert_false(b.full);
	assert_string_equal(b.p, "12345");
	buf_add(&b, "", 0);
	assert_false(b.full);
	buf_addch(&b, '6');
	assert_true(b.full);
	assert_string_equal(b.p, "12345");
	buf_finish(&b);
}

static void
a_full_buffer_takes_nothing_more_until_it_is_cleared(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_addstr(&b, "abc");
	buf_printf(&b, "%d", 1234567);
	assert_true(b.full);
	buf_addstr(&b, "d");
	buf_addjson(&b, "e", 1);
	buf_printf(&b, "f");
	assert_string_equal(b.p, "abc");
	buf_clear(&b);
	assert_false(b.full);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.p, "");
	buf_addstr(&b, "hello");
	assert_string_equal(b.p, "hello");
	buf_finish(&b);
}

static void
a_length_that_would_overflow_is_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_addstr(&b, "x");
	buf_add(&b, "y", SIZE_MAX);
	assert_true(b.full);
	assert_string_equal(b.p, "x");
	buf_finish(&b);
	buf_init(&b, 0);
	buf_addstr(&b, "");
	assert_false(b.full);
	buf_addch(&b, 'x');
	assert_true(b.full);
	buf_finish(&b);
}

static void
json_escapes_what_rfc_8259_demands_and_nothing_else(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_addjson(&b, "a\"b\\c/d\n\r\t\b\f\x01\x1f\x7f", 15);
	assert_string_equal(b.p, "a\\\"b\\\\c/d\\n\\r\\t\\b\\f\\u0001\\u001F\x7f");
	buf_clear(&b);
	buf_addjson(&b, "\0", 1);
	assert_string_equal(b.p, "\\u0000");
	buf_clear(&b);
	buf_addjson(&b, "마루 \xf0\x9f\x99\x82", strlen("마루 \xf0\x9f\x99\x82"));
	assert_string_equal(b.p, "마루 \xf0\x9f\x99\x82");
	buf_clear(&b);
	buf_addjson(&b, "", 0);
	assert_int_equal(b.n, 0);
	buf_finish(&b);
}

static void
every_byte_is_escaped_in_the_middle_and_at_both_ends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int c = 0; c < 256; c++) {
		char text[5] = {(char)c, 'x', (char)c, 'y', (char)c};
		bool special = c < 0x20 || c == '"' || c == '\\';

		buf_clear(&b);
		buf_addjson(&b, text, 5);
		if (special) {
			assert_int_equal(b.p[0], '\\');
			assert_int_equal((b.n - 2) % 3, 0);
			assert_true(b.n > 5);
		} else {
			assert_int_equal(b.n, 5);
			assert_memory_equal(b.p, text, 5);
		}
	}
	buf_finish(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_compared_by_length_and_bytes),
	    cmocka_unit_test(an_empty_buffer_has_no_memory_until_something_is_added),
	    cmocka_unit_test(content_grows_and_stays_terminated),
	    cmocka_unit_test(the_maximum_fits_exactly),
	    cmocka_unit_test(a_full_buffer_takes_nothing_more_until_it_is_cleared),
	    cmocka_unit_test(a_length_that_would_overflow_is_refused),
	    cmocka_unit_test(json_escapes_what_rfc_8259_demands_and_nothing_else),
	    cmocka_unit_test(every_byte_is_escaped_in_the_middle_and_at_both_ends),
	};

	return cmocka_run_group_tests_name("shared/buf", tests, NULL, NULL);
}
