/* SPDX-License-Identifier: MIT */
#include "api/disposition.h"

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
assert_header(bool attachment, const char *name, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	disposition_add(&b, attachment, name);
	assert_string_equal(b.p, expected);
	buf_finish(&b);
}

static void
a_plain_name_is_given_once(void **state)
{
	(void)state;
	assert_header(true, "notes.txt", "attachment; filename=\"notes.txt\"");
	assert_header(false, "a b;c.png", "inline; filename=\"a b;c.png\"");
	assert_header(true, "", "attachment");
}

static void
another_one_has_a_copy_in_ascii(void **state)
{
	(void)state;
	assert_header(true, "가나 다.hwp",
	    "attachment; filename=\"__ _.hwp\"; "
	    "filename*=UTF-8''%EA%B0%80%EB%82%98%20%EB%8B%A4.hwp");
	assert_header(true, "\"\\%41\r\n",
	    "attachment; filename=\"___41__\"; filename*=UTF-8''%22%5C%2541%0D%0A");
	assert_header(true, "\xed\xa0\x80",
	    "attachment; filename=\"___\"; filename*=UTF-8''%EF%BF%BD%EF%BF%BD%EF%BF%BD");
}

static void
assert_name(struct str raw, const char *expected)
{
	assert_string_equal(disposition_name(&mem, raw), expected);
}

static void
of_a_name_what_is_harmless_is_kept(void **state)
{
	(void)state;
	assert_name(STR("사진 1.jpg"), "사진 1.jpg");
	assert_name(STR("C:\\Users\\ann\\사진.jpg"), "사진.jpg");
	assert_name(STR("../../etc/passwd"), "passwd");
	assert_name(STR(".."), "");
	assert_name(STR("a/"), "");
	assert_name(STR(" a. . "), "a");
	assert_name(STR("a\0b\r\nc\x7f"), "a_b__c_");
	assert_name(STR("photo\u202egpj.exe"), "photogpj.exe");
	assert_name(STR("\xc0\xaf"
			"a\xff"),
	    "\ufffd\ufffda\ufffd");
	assert_name((struct str){NULL, 0}, "");
}

static void
a_long_name_keeps_its_extension(void **state)
{
	struct buf b;
	const char *name;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 0; i < 100; i++)
		buf_addstr(&b, "한");
	buf_addstr(&b, ".jpeg");
	name = disposition_name(&mem, (struct str){b.p, b.n});
	assert_int_equal(strlen(name), 83 * 3 + 5);
	assert_string_equal(name + 82 * 3, "한.jpeg");
	buf_finish(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_name_is_given_once),
	    cmocka_unit_test(another_one_has_a_copy_in_ascii),
	    cmocka_unit_test(of_a_name_what_is_harmless_is_kept),
	    cmocka_unit_test(a_long_name_keeps_its_extension),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
