/* SPDX-License-Identifier: MIT */
#include "api/webpage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

static struct webpage
read_page(const char *html, const char *type)
{
	struct webpage page;

	webpage_read(&mem, str_of(html), type, &page);
	return page;
}

static void
assert_title(const char *html, const char *type, const char *expected)
{
	struct webpage page = read_page(html, type);

	if (expected == NULL) {
		assert_null(page.title);
		return;
	}
	assert_non_null(page.title);
	assert_string_equal(page.title, expected);
}

static void
test_titles(void **state)
{
	(void)state;
	assert_title("", "", NULL);
	assert_title("no markup", "text/html", NULL);
	assert_title("<title></title>", "", NULL);
	assert_title("<title> \t\n </title>", "", NULL);
	assert_title("<title>a\n\n b </title>", "", "a b");
	assert_title("<TITLE>a &lt;b&gt; &amp;amp;", "", "a <b> &amp;");
	assert_title("<title>one</title><title>two</title>", "", "one");
	assert_title("<!-- <title>no</title> --><title>yes</title>", "", "yes");
	assert_title("<title>a\x01\x7f"
		     "b</title>",
	    "", "a b");
}

static void
test_open_graph(void **state)
{
	struct webpage page;

	(void)state;
	page =
	    read_page("<title>t</title><meta name=description content='d'>"
		      "<meta property=OG:title content='ot'><meta name='og:site_name' content='s'>"
		      "<meta property='og:image' content='https://x/i'><meta property='og:title'>",
		"text/html");
	assert_string_equal(page.title, "ot");
	assert_string_equal(page.description, "d");
	assert_string_equal(page.site, "s");
	assert_string_equal(page.image, "https://x/i");
	page = read_page("<title>t</title><meta property='og:description' content='od'>"
			 "<meta name=description content='d'>",
	    "");
	assert_string_equal(page.title, "t");
	assert_string_equal(page.description, "od");
	assert_null(page.site);
	assert_null(page.image);
}

static void
test_charsets(void **state)
{
	(void)state;
	assert_title("<title>\xb8\xb6\xb7\xe7</title>", "text/html; charset=euc-kr", "마루");
	assert_title("<title>\xb8\xb6\xb7\xe7</title>", "text/html; CHARSET=\"KSC5601\"", "마루");
	assert_title("<meta charset=cp949><title>\xb8\xb6\xb7\xe7</title>", "", "마루");
	assert_title("<title>\xb8\xb6\xb7\xe7</title>", "", "마루");
	assert_title("<title>마루</title>", "", "마루");
	assert_title(
	    "<meta charset=euc-kr><title>마루</title>", "text/html; charset=utf-8", "마루");
	assert_title("<title>\x93\xfa\x96\x7b</title>", "text/html; charset=Shift_JIS", "日本");
	assert_title("<title>\xe9t\xe9</title>", "text/html; charset=iso-8859-1", "été");
	assert_title("<title>a\xff"
		     "b</title>",
	    "text/html; charset=utf-8", "a?b");
	assert_title("<title>마루</title>", "text/html; charset=no-such-thing", "마루");
}

/* However long, a text ends at its limit, and not within a character. */
static void
test_limits(void **state)
{
	char html[8192];
	size_t n = (size_t)snprintf(html, sizeof(html), "<title>");
	struct webpage page;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(html + n, sizeof(html) - n, "마");
	page = read_page(html, "text/html; charset=utf-8");
	assert_int_equal(strlen(page.title), 3 * WEBPAGE_TITLE_MAX);
	n = (size_t)snprintf(html, sizeof(html), "<title>");
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(html + n, sizeof(html) - n, "a\n ");
	page = read_page(html, "");
	assert_int_equal(strlen(page.title), WEBPAGE_TITLE_MAX - 1); /* it ends with a blank */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_titles, start, finish),
	    cmocka_unit_test_setup_teardown(test_open_graph, start, finish),
	    cmocka_unit_test_setup_teardown(test_charsets, start, finish),
	    cmocka_unit_test_setup_teardown(test_limits, start, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
