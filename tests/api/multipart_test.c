/* SPDX-License-Identifier: MIT */
#include "api/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena mem;
static struct buf heard; /* what the parser tells: name/filename/type[content], | at the end */

static int
start(void **state)
{
	(void)state;
	arena_init(&mem);
	buf_init(&heard, (size_t)1 << 20);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&mem);
	buf_finish(&heard);
	return 0;
}

static enum err
hear(void *owner, const struct multipart_event *e)
{
	const enum err *answer = owner;

	switch (e->what) {
	case MULTIPART_PART: buf_printf(&heard, "%s/%s/%s[", e->name, e->filename, e->type); break;
	case MULTIPART_DATA:
		assert_true(e->data.n > 0);
		buf_add(&heard, e->data.p, e->data.n);
		break;
	case MULTIPART_PART_END: buf_addch(&heard, ']'); break;
	case MULTIPART_END: buf_addch(&heard, '|'); break;
	}
	return answer == NULL ? OK : *answer;
}

/* Feeds the body in pieces of so many bytes, each in a block that ends where it ends. */
static enum err
parse(const char *boundary, struct str body, size_t piece)
{
	struct multipart *m = multipart_create(
	    &mem, arena_printf(&mem, "multipart/form-data; boundary=%s", boundary));

	assert_non_null(m);
	buf_clear(&heard);
	for (size_t at = 0, n; at < body.n; at += n) {
		char *copy;
		enum err e;

		n = body.n - at < piece ? body.n - at : piece;
		copy = malloc(n);
		assert_non_null(copy);
		memcpy(copy, body.p + at, n);
		e = multipart_feed(m, (struct str){copy, n}, hear, NULL);
		free(copy);
		if (e != OK) {
			assert_int_equal(multipart_feed(m, STR("x"), hear, NULL), e);
			assert_int_equal(multipart_end(m), e);
			return e;
		}
	}
	return multipart_end(m);
}

static void
assert_heard(const char *boundary, struct str body, struct str expected)
{
	for (size_t piece = 1; piece <= body.n; piece++) {
		assert_int_equal(parse(boundary, body, piece), OK);
		assert_int_equal(heard.n, expected.n);
		assert_memory_equal(heard.p, expected.p, expected.n);
	}
}

static void
assert_broken(struct str body)
{
	for (size_t piece = 1; piece <= body.n; piece++)
		assert_int_equal(parse("b", body, piece), ERR_BAD_REQUEST);
}

#define PART "--b\r\nContent-Disposition: form-data; "

static void
parts_come_with_names_and_contents(void **state)
{
	(void)state;
	assert_heard("----WebKitFormBoundary7MA4",
	    STR("------WebKitFormBoundary7MA4\r\n"
		"Content-Disposition: form-data; name=\"room\"\r\n\r\n17\r\n"
		"------WebKitFormBoundary7MA4\r\n"
		"Content-Disposition: form-data; name=\"file\"; filename=\"사진.jpg\"\r\n"
		"Content-Type: image/jpeg\r\n\r\n\xff\xd8\0\r\n\r\n--\r\n"
		"------WebKitFormBoundary7MA4--\r\n"),
	    STR("room//[17]file/사진.jpg/image/jpeg[\xff\xd8\0\r\n\r\n--]|"));
}

static void
what_looks_like_a_boundary_is_content(void **state)
{
	(void)state;
	assert_heard("bb",
	    STR("--bb\r\nContent-Disposition: form-data; name=a\r\n\r\n"
		"--b\r\n--b\r\r\n\r\n-\n--bb\r\n--bx\r\r\n--b\r\n--bb--"),
	    STR("a//[--b\r\n--b\r\r\n\r\n-\n--bb\r\n--bx\r\r\n--b]|"));
}

static void
before_and_after_nothing_counts(void **state)
{
	(void)state;
	assert_heard("b",
	    STR("--\r\nhello\r\n-\r\r\n" PART "name=a\r\n\r\nx\r\n--b--\t\r\n" PART "hello"),
	    STR("a//[x]|"));
	assert_heard("b", STR("--b--"), STR("|"));
	assert_heard("b", STR("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"),
	    STR("a//[x]|"));
}

static void
a_part_may_be_empty(void **state)
{
	(void)state;
	assert_heard("b", STR(PART "name=a\r\n\r\n\r\n--b--"), STR("a//[]|"));
	assert_heard("b", STR(PART "name=a\r\n\r\n--b--"), STR("a//[]|"));
	assert_heard("b", STR(PART "name=a\r\n\r\n\r\n\r\n--b--"), STR("a//[\r\n]|"));
}

static void
names_are_read_as_browsers_write_them(void **state)
{
	static const struct {
		const char *params, *told;
	} cases[] = {
	    {"name=\"a%22b\"; filename=\"%22x%22%0d%0A%41.png\"", "a\"b/\"x\"\r\n%41.png/"},
	    {"name=\"a\"; filename=\"C:\\dir\\x.png\"", "a/C:\\dir\\x.png/"},
	    {"name=\"a\"; filename=\"C:\\\"", "a/C:\\/"},
	    {"name=\"a\"; filename=\"say \\\"x\\\".png\"", "a/say \"x\".png/"},
	    {"filename=\"a;b=c\" ; name=\"n\" ;", "n/a;b=c/"},
	    {"NAME=n; FileName=my file.txt", "n/my file.txt/"},
	    {"name=n; filename=\"__.txt\"; filename*=UTF-8''%EA%B0%80.txt", "n/가.txt/"},
	    {"name=n; filename*=utf-8'ko'%EA%B0%80.txt; filename=\"__.txt\"", "n/가.txt/"},
	    {"name=n; filename=\"__.txt\"; filename*=UTF-8''%00", "n/__.txt/"},
	    {"name=n; filename=\"__.txt\"; filename*=EUC-KR''%B0%A1", "n/__.txt/"},
	    {"name=\"\"; size=3; filename=", "//"},
	    {"\r\n\tname=n;\r\n filename=x\r\nX-Other: y", "n/x/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_heard("b",
		    str_of(arena_printf(&mem, PART "%s\r\n\r\nx\r\n--b--\r\n", cases[i].params)),
		    str_of(arena_printf(&mem, "%s[x]|", cases[i].told)));
}

static void
what_is_no_form_is_refused(void **state)
{
	(void)state;
	assert_broken(STR("x"));
	assert_broken(STR("--b"));
	assert_broken(STR("--b\r\n"));
	assert_broken(STR("--b\n"));
	assert_broken(STR("--bc\r\n"));
	assert_broken(STR("--b-\r\n"));
	assert_broken(STR("--b \r\r\n"));
	assert_broken(STR(PART "name=a"));
	assert_broken(STR(PART "name=a\r\n\r\nx"));
	assert_broken(STR(PART "name=a\r\n\r\nx\r\n--b"));
	assert_broken(STR(PART "name=a\n\nx\r\n--b--"));
	assert_broken(STR("--b\r\n\r\nx\r\n--b--"));
	assert_broken(STR("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--"));
	assert_broken(STR("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"));
	assert_broken(STR("--b\r\n: form-data; name=a\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "filename=a\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=a; name=b\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=a; name\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=\"a\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=\"a\"b\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=a\0\r\n\r\nx\r\n--b--"));
	assert_broken(
	    STR(PART "name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nx\r\n--b--"));
	assert_broken(STR(PART "name=a\r\nContent-Type: a\r\nContent-Type: b\r\n\r\nx\r\n--b--"));
}

/* A part whose header has so many bytes. */
static struct str
with_header_of(size_t size)
{
	struct buf b;
	char *text;

	buf_init(&b, 65536);
	buf_addstr(&b, PART "name=a\r\nX: ");
	while (b.n < size + strlen("--b\r\n") - strlen("\r\n\r\n"))
		buf_addch(&b, 'x');
	buf_addstr(&b, "\r\n\r\nx\r\n--b--");
	text = arena_strndup(&mem, b.p, b.n);
	buf_finish(&b);
	return str_of(text);
}

static void
headers_and_parts_have_a_limit(void **state)
{
	struct buf b;

	(void)state;
	for (size_t piece = 1; piece < 5000; piece = 3 * piece + 1) {
		assert_int_equal(parse("b", with_header_of(MULTIPART_HEADER_MAX), piece), OK);
		assert_int_equal(
		    parse("b", with_header_of(MULTIPART_HEADER_MAX + 1), piece), ERR_BAD_REQUEST);
	}
	buf_init(&b, 65536);
	for (int i = 1; i <= MULTIPART_PARTS_MAX + 1; i++) {
		buf_addstr(&b, PART "name=a\r\n\r\nx\r\n");
		buf_addstr(&b, "--b--");
		assert_int_equal(parse("b", (struct str){b.p, b.n}, 7),
		    i <= MULTIPART_PARTS_MAX ? OK : ERR_BAD_REQUEST);
		b.n -= strlen("--b--");
	}
	buf_finish(&b);
}

/* The memory of a request is bounded, and a header must not be able to use it up. */
static void
many_parameters_cost_little(void **state)
{
	struct buf b;
	size_t before;

	(void)state;
	buf_init(&b, 65536);
	buf_addstr(&b, PART "name=a");
	while (b.n < 4000)
		buf_addstr(&b, ";a=\"\"");
	buf_addstr(&b, "\r\n\r\nx\r\n--b--");
	before = mem.total;
	assert_int_equal(parse("b", (struct str){b.p, b.n}, 4096), OK);
	assert_in_range(mem.total - before, 0, 200000);
	buf_finish(&b);
}

static void
the_owner_can_end_it(void **state)
{
	struct multipart *m = multipart_create(&mem, "multipart/form-data; boundary=b");
	enum err full = ERR_STORE_FULL;

	(void)state;
	assert_int_equal(
	    multipart_feed(m, STR(PART "name=a\r\n\r\nx"), hear, &full), ERR_STORE_FULL);
	assert_int_equal(multipart_feed(m, STR("x"), hear, NULL), ERR_STORE_FULL);
	assert_int_equal(multipart_end(m), ERR_STORE_FULL);
}

static void
the_boundary_must_be_usable(void **state)
{
#define A10 "aaaaaaaaaa"
#define A70 A10 A10 A10 A10 A10 A10 A10
	static const char *const good[] = {
	    "multipart/form-data; boundary=b",
	    "Multipart/Form-Data;charset=UTF-8; BOUNDARY=\"a b'()+_,-./:=?\"",
	    "multipart/form-data; boundary=*****",
	    "multipart/form-data; boundary=" A70,
	};
	static const char *const bad[] = {
	    "",
	    "multipart/form-data",
	    "multipart/form-data; boundary",
	    "multipart/form-data; boundary=",
	    "multipart/form-data; boundary=\"a \"",
	    "multipart/form-data; boundary=\"a",
	    "multipart/form-data; boundary=a; boundary=b",
	    "multipart/form-data; boundary=a\r",
	    "multipart/form-data; boundary=\xea\xb0\x80",
	    "multipart/form-data; boundary=a" A70,
	    "multipart/mixed; boundary=b",
	    "application/json",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_non_null(multipart_create(&mem, good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(multipart_create(&mem, bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_come_with_names_and_contents),
	    cmocka_unit_test(what_looks_like_a_boundary_is_content),
	    cmocka_unit_test(before_and_after_nothing_counts),
	    cmocka_unit_test(a_part_may_be_empty),
	    cmocka_unit_test(names_are_read_as_browsers_write_them),
	    cmocka_unit_test(what_is_no_form_is_refused),
	    cmocka_unit_test(headers_and_parts_have_a_limit),
	    cmocka_unit_test(many_parameters_cost_little),
	    cmocka_unit_test(the_owner_can_end_it),
	    cmocka_unit_test(the_boundary_must_be_usable),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
