/* SPDX-License-Identifier: MIT */
#include "api/rich.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena mem;

/* The links of a text, with blanks between them. */
static const char *
links(const char *text)
{
	struct rich t;
	char *out = arena_alloc(&mem, strlen(text) + 100);

	rich_init(&t, &mem, text);
	rich_find_links(&t);
	for (size_t i = 0; i < t.n; i++) {
		assert_true(t.spans[i].word.n == t.spans[i].to - t.spans[i].from);
		strncat(out, t.spans[i].word.p, t.spans[i].word.n);
		strcat(out, " ");
	}
	return out;
}

static void
addresses_are_found_where_they_stand(void **state)
{
	(void)state;
	assert_string_equal(links("no link"), "");
	assert_string_equal(links("see https://maru.example/a?b=c&d#e, or http://x.example."),
	    "https://maru.example/a?b=c&d#e http://x.example ");
	assert_string_equal(links("(https://x.example/a_(b)) [https://y.example/]"),
	    "https://x.example/a_(b) https://y.example/ ");
	assert_string_equal(links("HTTPS://X.example"), "HTTPS://X.example ");
	assert_string_equal(
	    links("https://ko.wikipedia.org/wiki/마루 를"), "https://ko.wikipedia.org/wiki/마루 ");
	assert_string_equal(links("보세요:https://x.example"), "https://x.example ");
	assert_string_equal(links("<https://x.example>\"https://y.example\""),
	    "https://x.example https://y.example ");
	assert_string_equal(links("https://x.example。https://y.example、"),
	    "https://x.example https://y.example ");
}

static void
nothing_else_is_an_address(void **state)
{
	static const char *const texts[] = {"javascript:alert(1)", "data:text/html,x",
	    "ftp://x.example", "xhttp://y", "http://", "https:///", "https://.", "http:x",
	    "vbscript:http", "https:\\\\x.example", "https://\u202e"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(links(texts[i]), "");
	assert_string_equal(links("https://x.example/\u202egpj.exe"), "https://x.example/ ");
	assert_string_equal(links("https://x.example/\u200b#"), "https://x.example/ ");
}

static void
places_are_counted_as_utf_16(void **state)
{
	struct rich t;

	(void)state;
	rich_init(&t, &mem, "한🙂 https://x.example/\"");
	rich_find_links(&t);
	assert_string_equal(rich_entities(&t),
	    "[{\"type\":\"link\",\"offset\":4,\"length\":18,\"url\":\"https://x.example/\"}]");
	rich_init(&t, &mem, "x");
	assert_null(rich_entities(&t));
}

static void
the_outer_one_comes_first(void **state)
{
	struct rich t;

	(void)state;
	rich_init(&t, &mem, "abcd");
	assert_true(rich_add(&t, (struct span){SPAN_MENTION, 2, 3, {NULL, 0}, 7}));
	assert_true(rich_add(&t, (struct span){SPAN_ITALIC, 0, 2, {NULL, 0}, 0}));
	assert_true(rich_add(&t, (struct span){SPAN_BOLD, 0, 4, {NULL, 0}, 0}));
	assert_true(rich_add(&t, (struct span){SPAN_QUOTE, 0, 4, {NULL, 0}, 0}));
	assert_true(rich_add(&t, (struct span){SPAN_MENTION_ALL, 3, 4, {NULL, 0}, 0}));
	assert_true(rich_add(&t, (struct span){SPAN_PRE, 1, 2, {"c\"", 2}, 0}));
	assert_false(rich_add(&t, (struct span){SPAN_STRIKE, 1, 3, {NULL, 0}, 0})); /* crosses */
	assert_string_equal(rich_entities(&t),
	    "[{\"type\":\"quote\",\"offset\":0,\"length\":4},{\"type\":\"bold\",\"offset\":0,"
	    "\"length\":4},"
	    "{\"type\":\"italic\",\"offset\":0,\"length\":2},{\"type\":\"pre\",\"offset\":1,"
	    "\"length\":1,\"language\":\"c\\\"\"},"
	    "{\"type\":\"mention\",\"offset\":2,\"length\":1,\"user\":7},"
	    "{\"type\":\"mention_all\",\"offset\":3,\"length\":1}]");
}

static void
they_are_bounded(void **state)
{
	static char text[16001];
	struct rich t;

	(void)state;
	memset(text, '\"', sizeof(text) - 1);
	rich_init(&t, &mem, text);
	for (size_t i = 0; i < RICH_SPANS_MAX; i++)
		assert_true(rich_add(&t, (struct span){SPAN_LINK, i, i + 1, {text, 100}, 0}));
	assert_false(rich_add(&t, (struct span){SPAN_BOLD, 0, 1, {NULL, 0}, 0}));
	assert_true(strlen(rich_entities(&t)) <= RICH_JSON_MAX);
}

static void
stars_of_the_same_length_leave_the_rest_in_place(void **state)
{
	struct rich t;

	(void)state;
	rich_init(&t, &mem, "바보 bold");
	assert_true(rich_add(&t, (struct span){SPAN_BOLD, 7, 11, {NULL, 0}, 0}));
	rich_replace(&t, "** bold");
	assert_string_equal(rich_entities(&t), "[{\"type\":\"bold\",\"offset\":3,\"length\":4}]");
	rich_replace(&t, "* bold");
	assert_null(rich_entities(&t));
}

static void
words_end_where_people_put_blanks(void **state)
{
	(void)state;
	assert_true(rich_is_word_at("a", 0));
	assert_true(rich_is_word_at("é", 0));
	assert_true(rich_is_word_at("я", 0));
	assert_false(rich_is_word_at("×", 0));
	assert_false(rich_is_word_at("가", 0));
	assert_false(rich_is_word_at("", 0));
	assert_true(rich_is_word_before("é", 2));
	assert_false(rich_is_word_before("가", 3));
	assert_false(rich_is_word_before("a", 0));
}

static int
begin(void **state)
{
	(void)state;
	arena_init(&mem);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_found_where_they_stand),
	    cmocka_unit_test(nothing_else_is_an_address),
	    cmocka_unit_test(places_are_counted_as_utf_16),
	    cmocka_unit_test(the_outer_one_comes_first),
	    cmocka_unit_test(they_are_bounded),
	    cmocka_unit_test(stars_of_the_same_length_leave_the_rest_in_place),
	    cmocka_unit_test(words_end_where_people_put_blanks),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
