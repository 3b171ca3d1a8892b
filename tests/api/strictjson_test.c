/* SPDX-License-Identifier: MIT */
#include "api/strictjson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
accepts_bytes(const char *p, size_t n)
{
	const char *why = NULL;
	/* On the heap and without a NUL, so that the sanitizer sees a step too far. */
	char *copy = malloc(n == 0 ? 1 : n);
	json_t *json;

	assert_non_null(copy);
	memcpy(copy, p, n);
	json = strictjson_parse((struct str){copy, n}, &why);
	if (json == NULL)
		assert_true(why != NULL && why[0] != '\0');
	json_decref(json);
	free(copy);
	return json != NULL;
}

static bool
accepts(const char *text)
{
	return accepts_bytes(text, strlen(text));
}

static void
whole_documents_of_every_kind_are_read(void **state)
{
	static const char *const good[] = {"{}", "[]",
	    " {\"a\" : [1, -2, 3.5e2, true, false, null]}\n", "\"text\"", "0", "-0", "{\"\":1}",
	    "\"\\u00e9\\ud83d\\ude42\\n\\/\"", "9223372036854775807", "-9223372036854775808",
	    "1e308", "\"\x7f\""};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(accepts(good[i]));
}

static void
what_is_not_one_whole_document_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}",
	    "{'a':1}", "nul", "NaN", "Infinity", "-", "+1", "01", "1.", ".5", "1e", "0x10", "{} {}",
	    "{}x", "[1 2]", "{\"a\" 1}", "// no\n{}", "/* no */{}", "\"open", "\"tab\there\"",
	    "\"new\nline\"", "\"\\x41\"", "\"\\u12\"", "\"\\", "\xef\xbb\xbf{}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (accepts(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
duplicate_keys_are_refused_on_every_level(void **state)
{
	(void)state;
	assert_false(accepts("{\"a\":1,\"a\":1}"));
	assert_false(accepts("{\"b\":{\"a\":1,\"a\":2}}"));
	assert_false(accepts("{\"a\":1,\"\\u0061\":2}"));
	assert_true(accepts("{\"a\":1,\"A\":2,\"b\":{\"a\":1}}"));
}

static void
text_must_be_valid_utf8_without_nul(void **state)
{
	static const char *const bad[] = {"\"\xff\"", "\"\xc3\"", "\"\x80\"", "\"\xc0\xaf\"",
	    "\"\xe0\x80\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
	    "\"\xf8\x88\x80\x80\x80\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"",
	    "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\u0000\"", "{\"\\u0000\":1}",
	    "{\"a\\u0000b\":1}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (accepts(bad[i]))
			fail_msg("accepted text number %zu", i);
	}
	assert_false(accepts_bytes("\"a\0b\"", 5));
	assert_false(accepts_bytes("{}\0", 3));
	assert_true(accepts("\"\xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80\""));
}

static void
numbers_must_be_in_range(void **state)
{
	(void)state;
	assert_false(accepts("9223372036854775808"));
	assert_false(accepts("-9223372036854775809"));
	assert_false(accepts("123456789012345678901234567890"));
	assert_false(accepts("1e400"));
	assert_false(accepts("-1e400"));
	assert_true(accepts("1e-400"));
}

/* A list in a list in a list ... */
static char *
nested(size_t depth, char open, char close)
{
	static char text[20001];

	memset(text, open, depth);
	memset(text + depth, close, depth);
	text[2 * depth] = '\0';
	return text;
}

static void
sixteen_levels_are_enough(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_true(accepts(nested(16, '[', ']')));
	assert_false(accepts(nested(17, '[', ']')));
	assert_false(accepts(nested(2000, '[', ']')));
	assert_false(accepts(nested(10000, '[', ']')));
	assert_null(strictjson_parse(str_of(nested(17, '[', ']')), &why));
	assert_string_equal(why, "more than 16 levels deep");
	assert_null(strictjson_parse(str_of(nested(17, '{', '}')), &why));
	assert_string_equal(why, "more than 16 levels deep");
}

static void
brackets_in_texts_are_no_levels(void **state)
{
	char text[200] = "{\"a\":\"";

	(void)state;
	memset(text + 6, '[', 100);
	memcpy(text + 106, "\"}", 3);
	assert_true(accepts(text));
	assert_true(accepts("\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\\""));
	/* 17 levels one after the other are one level. */
	assert_true(accepts("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"));
	/* Closing brackets in front don't make room for more levels. */
	assert_false(accepts("]]]]]]]]]]]]]]]]]"));
}

static void
the_reason_says_where(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_null(strictjson_parse(STR("{\n  \"a\": nope}"), &why));
	assert_memory_equal(why, "line 2, column ", 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_documents_of_every_kind_are_read),
	    cmocka_unit_test(what_is_not_one_whole_document_is_refused),
	    cmocka_unit_test(duplicate_keys_are_refused_on_every_level),
	    cmocka_unit_test(text_must_be_valid_utf8_without_nul),
	    cmocka_unit_test(numbers_must_be_in_range),
	    cmocka_unit_test(sixteen_levels_are_enough),
	    cmocka_unit_test(brackets_in_texts_are_no_levels),
	    cmocka_unit_test(the_reason_says_where),
	};

	return cmocka_run_group_tests_name("api/strictjson", tests, NULL, NULL);
}
