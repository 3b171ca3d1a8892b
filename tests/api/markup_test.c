/* SPDX-License-Identifier: MIT */
#include "api/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena mem;

/* A text in Markdown as "text | type offset+length word | ...". */
static const char *
read_markup(const char *text)
{
	static const char *const names[] = {
	    "quote", "pre", "link", "bold", "italic", "strike", "code", "mention", "mention_all"};
	struct rich t;
	struct buf out;
	char *answer;

	rich_init(&t, &mem, text);
	markup_read(&t);
	(void)rich_entities(&t); /* sorts */
	buf_init(&out, 65536);
	buf_addstr(&out, t.text);
	for (size_t i = 0; i < t.n; i++) {
		const struct span *s = &t.spans[i];

		buf_printf(
		    &out, "|%s[%.*s]", names[s->type], (int)(s->to - s->from), t.text + s->from);
		if (s->word.n > 0)
			buf_printf(&out, "%.*s", (int)s->word.n, s->word.p);
	}
	answer = arena_strdup(&mem, out.p == NULL ? "" : out.p);
	buf_finish(&out);
	return answer;
}

static void
signs_in_pairs_are_taken_out(void **state)
{
	(void)state;
	assert_string_equal(read_markup("plain"), "plain");
	assert_string_equal(read_markup("**bold** *it* _al_ ~~gone~~ `co*de*`"),
	    "bold it al gone co*de*|bold[bold]|italic[it]|italic[al]|strike[gone]|code[co*de*]");
	assert_string_equal(
	    read_markup("**마루**는 *집*이다"), "마루는 집이다|bold[마루]|italic[집]");
	assert_string_equal(read_markup("**a *b* c**"), "a b c|bold[a b c]|italic[b]");
	assert_string_equal(read_markup("***both***"), "both|bold[both]|italic[both]");
	assert_string_equal(read_markup("**two\nlines**"), "two\nlines|bold[two\nlines]");
	assert_string_equal(read_markup("``a ` b``"), "a ` b|code[a ` b]");
}

static void
signs_without_a_partner_stay(void **state)
{
	static const char *const texts[] = {"*", "**", "2 * 3 * 4", "**a", "a**", "* a *",
	    "snake_case_name", "~a~", "~~a", "`a", "``a`", "****", "*****a*****", "__init__",
	    "a * b** c", "[a](b)", "[a]", "[](https://x.example)", "[a](javascript:alert(1))",
	    "[a](https://x.example", "**a\n\nb**", "[https://bank.example](https://evil.example)",
	    ">_<", "->", "```", "```js\ncode", "```a b\ncode\n```x"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(read_markup(texts[i]), texts[i]);
}

static void
pairs_never_cross(void **state)
{
	(void)state;
	assert_string_equal(read_markup("*a **b* c**"), "a **b c**|italic[a **b]");
	assert_string_equal(
	    read_markup("**[a**](https://x.example)"), "**a**|link[a**]https://x.example");
	assert_string_equal(
	    read_markup("[*a](https://x.example)*"), "*a*|link[*a]https://x.example");
	assert_string_equal(read_markup("**a `b** c`"), "**a b** c|code[b** c]");
	assert_string_equal(read_markup("**[`a]`](https://x.example)**"),
	    "[a]](https://x.example)|bold[[a]](https://x.example)]|code[a]]");
}

static void
a_backslash_takes_the_meaning_away(void **state)
{
	(void)state;
	assert_string_equal(read_markup("\\*a\\*"), "*a*");
	assert_string_equal(read_markup("**a\\*\\*b**"), "a**b|bold[a**b]");
	assert_string_equal(read_markup("C:\\dir \\"), "C:\\dir \\");
	assert_string_equal(read_markup("\\`a`"), "`a`");
}

static void
links_lead_to_the_web_only(void **state)
{
	(void)state;
	assert_string_equal(read_markup("see [the *page*](https://x.example/a_b)!"),
	    "see the page!|link[the page]https://x.example/a_b|italic[page]");
	assert_string_equal(
	    read_markup("[a](HTTP://x.example/(b))"), "a|link[a]HTTP://x.example/(b)");
	assert_string_equal(read_markup("[a](ftp://x.example)"), "[a](ftp://x.example)");
	assert_string_equal(read_markup("[a](https:// x)"), "[a](https:// x)");
}

static void
lines_of_code_are_left_alone(void **state)
{
	(void)state;
	assert_string_equal(read_markup("```js\nif (a) *b*;\n\nend\n```"),
	    "if (a) *b*;\n\nend|pre[if (a) *b*;\n\nend]js");
	assert_string_equal(read_markup("a\n```\nb\n```\n*c*"), "a\nb\nc|pre[b]|italic[c]");
	assert_string_equal(read_markup("```\n```"), "```\n```");
	assert_string_equal(read_markup("```one line```"), "one line|code[one line]");
}

static void
quotes_are_lines_that_begin_with_an_arrow(void **state)
{
	(void)state;
	assert_string_equal(read_markup("> a\n> *b*\nc"), "a\nb\nc|quote[a\nb]|italic[b]");
	assert_string_equal(read_markup("a\n> b\n>\n> c"), "a\nb\n\nc|quote[b\n\nc]");
	assert_string_equal(read_markup("> "), "> ");
	assert_string_equal(read_markup("**a\n> b**"), "**a\nb**|quote[b**]");
}

static void
blank_lines_and_ends_are_kept(void **state)
{
	(void)state;
	assert_string_equal(read_markup("*a*\n\n\n*b*\n"), "a\n\n\nb\n|italic[a]|italic[b]");
	assert_string_equal(read_markup("\n\n*a*"), "\n\na|italic[a]");
	assert_string_equal(read_markup("*a*\r\nb"), "a\r\nb|italic[a]");
}

static void
more_than_fits_stays_text(void **state)
{
	static char text[12001], deep[402];
	struct rich t;

	(void)state;
	for (size_t i = 0; i < 4000; i++)
		memcpy(text + 3 * i, "*a*", 3);
	rich_init(&t, &mem, text);
	markup_read(&t);
	assert_int_equal(t.n, RICH_SPANS_MAX);
	for (size_t i = 0; i < 100; i++) {
		memcpy(deep + 2 * i, i % 2 == 0 ? "~~" : "**", 2);
		memcpy(deep + 200 + 2 * i, i % 2 == 0 ? "~~" : "**", 2);
	}
	rich_init(&t, &mem, deep);
	markup_read(&t);
	assert_non_null(t.text);
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
	    cmocka_unit_test(signs_in_pairs_are_taken_out),
	    cmocka_unit_test(signs_without_a_partner_stay),
	    cmocka_unit_test(pairs_never_cross),
	    cmocka_unit_test(a_backslash_takes_the_meaning_away),
	    cmocka_unit_test(links_lead_to_the_web_only),
	    cmocka_unit_test(lines_of_code_are_left_alone),
	    cmocka_unit_test(quotes_are_lines_that_begin_with_an_arrow),
	    cmocka_unit_test(blank_lines_and_ends_are_kept),
	    cmocka_unit_test(more_than_fits_stays_text),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
