/* SPDX-License-Identifier: MIT */
#include "api/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct in {
	const char *title;
	const char *name;
	const char *secret;
	const char *note;
	const char *kind;
	int64_t seats;
	int64_t open;
	const char *day;
	json_t *tags;
	json_t *ids;
	const char *moment;
	json_t *places;
};

static const struct field fields[] = {
    TEXT_FIELD(struct in, title, 1, 5, FIELD_REQUIRED | FIELD_LINE),
    NAME_FIELD(struct in, name, 3, 6, "abc_", 0),
    TEXT_FIELD(struct in, secret, 2, 4, FIELD_BYTES),
    TEXT_FIELD(struct in, note, 0, 10, 0),
    WORD_FIELD(struct in, kind, "public|secret|group", 0),
    INT_FIELD(struct in, seats, 1, 100, 0),
    BOOL_FIELD(struct in, open, 0),
    DATE_FIELD(struct in, day, 0),
    LIST_FIELD(struct in, tags, 3, 4, FIELD_LINE),
    IDS_FIELD(struct in, ids, 3, 0),
    TIME_FIELD(struct in, moment, 0),
    PLACES_FIELD(struct in, places, 3, 4, 0),
    END_FIELD,
};

static struct arena mem;
static struct in in;
static char said[2000];

static void
drop(void *json)
{
	json_decref(json);
}

/* Reads a document; what is wrong with it is in `said`, as "field: message" lines. */
static bool
read_text(const char *text)
{
	json_error_t error;
	json_t *object = json_loads(text, 0, &error), *problems = json_array(), *p;
	size_t i;
	bool ok;

	if (object == NULL)
		fail_msg("%s: %s", text, error.text);
	memset(&in, 0x55, sizeof(in));
	said[0] = '\0';
	ok = field_read(fields, object, &in, &mem, problems);
	json_array_foreach (problems, i, p) {
		size_t n = strlen(said);

		(void)snprintf(said + n, sizeof(said) - n, "%s: %s\n",
		    json_string_value(json_object_get(p, "field")),
		    json_string_value(json_object_get(p, "message")));
	}
	assert_int_equal(ok, json_array_size(problems) == 0);
	json_decref(problems);
	arena_defer(&mem, drop, object); /* texts live in it */
	return ok;
}

static void
assert_refused(const char *text, const char *why)
{
	assert_false(read_text(text));
	assert_string_equal(said, why);
}

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
all_fields_are_read(void **state)
{
	(void)state;
	assert_true(
	    read_text("{\"title\":\"tea\",\"name\":\"abc_a\",\"secret\":\"xyz\",\"note\":\"n\","
		      "\"kind\":\"secret\",\"seats\":7}"));
	assert_string_equal(in.title, "tea");
	assert_string_equal(in.name, "abc_a");
	assert_string_equal(in.secret, "xyz");
	assert_string_equal(in.note, "n");
	assert_string_equal(in.kind, "secret");
	assert_int_equal(in.seats, 7);
}

static void
what_is_absent_is_null_or_the_number_for_absent(void **state)
{
	(void)state;
	assert_true(read_text("{\"title\":\"tea\"}"));
	assert_null(in.name);
	assert_null(in.secret);
	assert_null(in.note);
	assert_null(in.kind);
	assert_true(in.seats == FIELD_ABSENT);
	assert_true(in.open == FIELD_ABSENT);
	assert_null(in.day);
	assert_null(in.tags);
	assert_null(in.ids);
}

static void
what_is_required_must_be_there(void **state)
{
	(void)state;
	assert_refused("{}", "title: is required\n");
}

static void
unknown_fields_are_refused_and_all_problems_told_at_once(void **state)
{
	(void)state;
	assert_refused("{\"role\":\"host\",\"seats\":0,\"kind\":3}",
	    "role: is not a field of this request\ntitle: is required\nkind: must be a string\n"
	    "seats: must be from 1 to 100\n");
	assert_refused(
	    "{\"title\":\"tea\",\"Title\":\"x\"}", "Title: is not a field of this request\n");
	assert_refused("{\"title\":\"tea\",\"\":\"x\"}", ": is not a field of this request\n");
}

static void
characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_true(read_text("{\"title\":\"가나다라마\"}"));
	assert_true(read_text(
	    "{\"title\":"
	    "\"\\ud83d\\ude42\\ud83d\\ude42\\ud83d\\ude42\\ud83d\\ude42\\ud83d\\ude42\"}"));
	assert_refused("{\"title\":\"가나다라마바\"}", "title: must have 1 to 5 characters\n");
	assert_refused("{\"title\":\"\"}", "title: must have 1 to 5 characters\n");
	assert_true(read_text("{\"title\":\"t\",\"note\":\"\"}"));
	assert_true(read_text("{\"title\":\"t\",\"note\":\"0123456789\"}"));
	assert_refused(
	    "{\"title\":\"t\",\"note\":\"0123456789a\"}", "note: must have 0 to 10 characters\n");
}

static void
where_bytes_matter_bytes_are_counted(void **state)
{
	(void)state;
	assert_true(read_text("{\"title\":\"t\",\"secret\":\"가\"}")); /* 3 bytes */
	assert_refused("{\"title\":\"t\",\"secret\":\"가나\"}", "secret: must have 2 to 4 bytes\n");
	assert_refused("{\"title\":\"t\",\"secret\":\"x\"}", "secret: must have 2 to 4 bytes\n");
}

static void
a_line_must_be_visible_and_one(void **state)
{
	static const char *const bad[] = {
	    " ", "     ", "a\\nb", "a\\tb", "a\\rb", "\\u0001", "\\u001b[m", "a\\u007f"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"%s\"}", bad[i]);
		assert_refused(text, "title: must be one line of visible text\n");
	}
	assert_true(read_text("{\"title\":\" a \"}"));
	assert_true(read_text("{\"title\":\"t\",\"note\":\"a\\nb\\u0001\"}")); /* no line */
}

static void
a_name_has_only_its_letters(void **state)
{
	(void)state;
	assert_refused("{\"title\":\"t\",\"name\":\"abcd\"}",
	    "name: may contain only these characters: abc_\n");
	assert_refused("{\"title\":\"t\",\"name\":\"ABC\"}",
	    "name: may contain only these characters: abc_\n");
	assert_refused("{\"title\":\"t\",\"name\":\"ab\"}", "name: must have 3 to 6 characters\n");
	assert_true(read_text("{\"title\":\"t\",\"name\":\"abc\"}"));
	assert_true(read_text("{\"title\":\"t\",\"name\":\"abcabc\"}"));
	assert_refused(
	    "{\"title\":\"t\",\"name\":\"abcabca\"}", "name: must have 3 to 6 characters\n");
}

static void
a_word_is_one_of_the_list(void **state)
{
	static const char *const good[] = {"public", "secret", "group"};
	static const char *const bad[] = {
	    "", "pub", "publicc", "public|secret", "|", "Public", "group|", "roup"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"kind\":\"%s\"}", good[i]);
		assert_true(read_text(text));
		assert_string_equal(in.kind, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"kind\":\"%s\"}", bad[i]);
		assert_refused(text, "kind: must be one of public|secret|group\n");
	}
}

static void
a_number_is_whole_and_in_its_range(void **state)
{
	static const char *const no_int[] = {"1.0", "1e1", "\"7\"", "true", "null", "[]", "{}"};
	static const char *const outside[] = {
	    "0", "-1", "101", "9223372036854775807", "-9223372036854775808"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(no_int) / sizeof(no_int[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"seats\":%s}", no_int[i]);
		assert_refused(text, "seats: must be a whole number\n");
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"seats\":%s}", outside[i]);
		assert_refused(text, "seats: must be from 1 to 100\n");
	}
	assert_true(read_text("{\"title\":\"t\",\"seats\":1}"));
	assert_true(read_text("{\"title\":\"t\",\"seats\":100}"));
	assert_int_equal(in.seats, 100);
}

static void
a_text_is_a_string_and_nothing_else(void **state)
{
	static const char *const bad[] = {"1", "1.5", "true", "null", "[]", "[\"tea\"]", "{}"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":%s}", bad[i]);
		assert_refused(text, "title: must be a string\n");
	}
}

static void
a_truth_value_is_true_or_false(void **state)
{
	static const char *const bad[] = {"0", "1", "\"true\"", "null", "[]", "{}"};
	char text[64];

	(void)state;
	assert_true(read_text("{\"title\":\"t\",\"open\":true}"));
	assert_int_equal(in.open, 1);
	assert_true(read_text("{\"title\":\"t\",\"open\":false}"));
	assert_int_equal(in.open, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"open\":%s}", bad[i]);
		assert_refused(text, "open: must be true or false\n");
	}
}

static void
a_date_is_a_day_that_there_is_or_none(void **state)
{
	static const char *const good[] = {
	    "", "2026-12-31", "2028-02-29", "2000-02-29", "1000-01-01", "9999-12-31", "2026-04-30"};
	static const char *const bad[] = {" ", "2026-02-29", "1900-02-29", "2026-04-31",
	    "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "0000-01-01", "26-01-01",
	    "2026-1-1", "2026-01-1", "2026-01-011", "2026/01/01", "2026-01-01T00:00:00Z",
	    "-026-01-01", "today"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"day\":\"%s\"}", good[i]);
		assert_true(read_text(text));
		assert_string_equal(in.day, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"day\":\"%s\"}", bad[i]);
		assert_refused(text, "day: must be a day like 2026-12-31\n");
	}
	assert_refused("{\"title\":\"t\",\"day\":20261231}", "day: must be a string\n");
}

static void
a_list_has_a_few_different_texts(void **state)
{
	static const struct {
		const char *list, *why;
	} bad[] = {
	    {"\"a\"", "must be a list of strings"},
	    {"{}", "must be a list of strings"},
	    {"null", "must be a list of strings"},
	    {"[1]", "must be a list of strings"},
	    {"[\"a\",null]", "must be a list of strings"},
	    {"[[\"a\"]]", "must be a list of strings"},
	    {"[\"a\",\"b\",\"c\",\"d\"]", "must be at most 3"},
	    {"[\"\"]", "must have 1 to 4 characters"},
	    {"[\"a\",\"abcde\"]", "must have 1 to 4 characters"},
	    {"[\" \"]", "must be one line of visible text"},
	    {"[\"a\\nb\"]", "must be one line of visible text"},
	    {"[\"a\",\"b\",\"a\"]", "must be different from each other"},
	};
	char text[128], why[128];

	(void)state;
	assert_true(read_text("{\"title\":\"t\",\"tags\":[]}"));
	assert_int_equal(json_array_size(in.tags), 0);
	assert_true(read_text("{\"title\":\"t\",\"tags\":[\"차\",\"가나다라\",\"A\"]}"));
	assert_int_equal(json_array_size(in.tags), 3);
	assert_string_equal(json_string_value(json_array_get(in.tags, 2)), "A");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"tags\":%s}", bad[i].list);
		(void)snprintf(why, sizeof(why), "tags: %s\n", bad[i].why);
		assert_refused(text, why);
	}
}

static void
a_list_of_ids_has_a_few_different_ones(void **state)
{
	static const char *const bad[] = {"{}", "1", "null", "\"1\"", "[0]", "[-1]", "[1.5]",
	    "[\"1\"]", "[null]", "[true]", "[[1]]", "[1,2,0]"};
	char text[100];

	(void)state;
	assert_true(read_text("{\"title\":\"t\",\"ids\":[]}"));
	assert_int_equal(json_array_size(in.ids), 0);
	assert_true(read_text("{\"title\":\"t\",\"ids\":[3,9007199254740993,1]}"));
	assert_int_equal(json_integer_value(json_array_get(in.ids, 1)), 9007199254740993);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"ids\":%s}", bad[i]);
		assert_false(read_text(text));
		assert_string_equal(said, "ids: must be a list of ids\n");
	}
	assert_false(read_text("{\"title\":\"t\",\"ids\":[1,2,3,4]}"));
	assert_string_equal(said, "ids: must be at most 3\n");
	assert_false(read_text("{\"title\":\"t\",\"ids\":[1,2,1]}"));
	assert_string_equal(said, "ids: must be different from each other\n");
}

static void
a_time_is_a_moment_in_utc(void **state)
{
	static const char *const good[][2] = {
	    {"2026-12-31T23:59:59Z", "2026-12-31T23:59:59.000Z"},
	    {"2028-02-29T00:00:00.5Z", "2028-02-29T00:00:00.500Z"},
	    {"2026-01-01T19:09:09.123456789Z", "2026-01-01T19:09:09.123Z"},
	};
	static const char *const bad[] = {"", "Z", "2026-12-31", "2026-12-31T23:59:59",
	    "2026-12-31T23:59:59+00:00", "2026-12-31T23:59:59Zz", "2026-12-31T23:59:59.Z",
	    "2026-12-31T24:00:00Z", "2026-12-31T23:60:00Z", "2026-12-31T23:59:60Z",
	    "2026-02-29T00:00:00Z", "2026-12-31 23:59:59Z", "2026-12-31T23.59:59Z",
	    "2026-12-31T2a:59:59Z", "02026-12-31T23:59:5Z", "2026-12-31T23:59:59.12x4Z"};
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "{\"title\":\"t\",\"moment\":\"%s\"}", good[i][0]);
		assert_true(read_text(text));
		assert_string_equal(in.moment, good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"moment\":\"%s\"}", bad[i]);
		assert_refused(text, "moment: must be a time in UTC like 2026-12-31T23:59:59Z\n");
	}
}

static void
a_list_of_places_has_a_few_different_ones(void **state)
{
	static const char *const bad[] = {"{}", "0", "[5]", "[-1]", "[1.5]", "[\"1\"]", "[null]"};
	char text[100];

	(void)state;
	assert_true(read_text("{\"title\":\"t\",\"places\":[4,0]}"));
	assert_int_equal(json_array_size(in.places), 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"title\":\"t\",\"places\":%s}", bad[i]);
		assert_refused(text, "places: must be a list of numbers that there are\n");
	}
	assert_refused(
	    "{\"title\":\"t\",\"places\":[0,1,0]}", "places: must be different from each other\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_fields_are_read),
	    cmocka_unit_test(what_is_absent_is_null_or_the_number_for_absent),
	    cmocka_unit_test(what_is_required_must_be_there),
	    cmocka_unit_test(unknown_fields_are_refused_and_all_problems_told_at_once),
	    cmocka_unit_test(characters_are_counted_not_bytes),
	    cmocka_unit_test(where_bytes_matter_bytes_are_counted),
	    cmocka_unit_test(a_line_must_be_visible_and_one),
	    cmocka_unit_test(a_name_has_only_its_letters),
	    cmocka_unit_test(a_word_is_one_of_the_list),
	    cmocka_unit_test(a_number_is_whole_and_in_its_range),
	    cmocka_unit_test(a_text_is_a_string_and_nothing_else),
	    cmocka_unit_test(a_truth_value_is_true_or_false),
	    cmocka_unit_test(a_date_is_a_day_that_there_is_or_none),
	    cmocka_unit_test(a_list_has_a_few_different_texts),
	    cmocka_unit_test(a_list_of_ids_has_a_few_different_ones),
	    cmocka_unit_test(a_time_is_a_moment_in_utc),
	    cmocka_unit_test(a_list_of_places_has_a_few_different_ones),
	};

	return cmocka_run_group_tests_name("api/field", tests, start, finish);
}
