/* SPDX-License-Identifier: MIT */
#include "api/appsign.h"

#include "shared/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define KEY    "278d425bdf160c739803"
#define SECRET "7ad3773142a6692b25b8"
#define NOW    1353088179

static struct arena mem;

static int
start(void **state)
{
	(void)state;
	arena_init(&mem);
	return crypt_init() ? 0 : -1;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

/* The example of Pusher's documentation. */
#define BODY \
	"{\"name\":\"foo\",\"channels\":[\"project-3\"],\"data\":\"{\\\"some\\\":\\\"data\\\"}\"}"
#define MD5  "ec365a775a4cd0599faeb73354201b6f"
#define AUTH "auth_key=" KEY "&auth_timestamp=1353088179&auth_version=1.0"

static const struct appsign documented = {
    .method = "POST",
    .path = "/apps/3/events",
    .query = AUTH "&body_md5=" MD5 "&auth_signature="
		  "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
    .body = {BODY, sizeof(BODY) - 1},
    .key = KEY,
    .secret = SECRET,
    .now = NOW,
};

static void
assert_good(const struct appsign *s)
{
	const char *wrong = appsign_check(&mem, s);

	if (wrong != NULL)
		fail_msg("%s?%s: %s", s->path, s->query, wrong);
}

static void
assert_wrong(struct appsign s, const char *word)
{
	const char *wrong = appsign_check(&mem, &s);

	if (wrong == NULL || strstr(wrong, word) == NULL)
		fail_msg("%s?%s: %s, not %s", s.path, s.query, wrong, word);
}

/* Signs a text and puts the signature behind the query that is sent. */
static struct appsign
get(const char *path, const char *signed_path, const char *query, const char *signed_query)
{
	struct appsign s = documented;
	const char *text = arena_printf(&mem, "GET\n%s\n%s", signed_path, signed_query);
	char hex[CRYPT_HEX_SIZE];

	crypt_hmac_hex(STR(SECRET), str_of(text), hex);
	s.method = "GET";
	s.path = path;
	s.query = arena_printf(&mem, "%s&auth_signature=%s", query, hex);
	s.body = (struct str){NULL, 0};
	return s;
}

static void
the_documented_example_is_good(void **state)
{
	(void)state;
	assert_good(&documented);
}

static void
whatever_is_changed_is_noticed(void **state)
{
	struct appsign s = documented;
	char *query = arena_strdup(&mem, documented.query);

	(void)state;
	s.method = "PUT";
	assert_wrong(s, "auth_signature");
	s = documented;
	s.path = "/apps/3/event";
	assert_wrong(s, "auth_signature");
	s = documented;
	s.body.n--;
	assert_wrong(s, "body_md5");
	s.body.n = 0;
	assert_wrong(s, "body_md5");
	s = documented;
	s.secret = "7ad3773142a6692b25b9";
	assert_wrong(s, "auth_signature");
	s = documented;
	s.key = "278d425bdf160c739804";
	assert_wrong(s, "auth_key");
	/* Every single character of the query. */
	s = documented;
	s.query = query;
	for (size_t i = 0; query[i] != '\0'; i++) {
		char before = query[i];

		query[i] = before == '7' ? '8' : '7';
		assert_non_null(appsign_check(&mem, &s));
		query[i] = before;
	}
	assert_good(&s);
}

static void
a_missing_part_is_no_part(void **state)
{
	struct appsign s = documented;

	(void)state;
	s.query = "";
	assert_wrong(s, "auth_key");
	s.query = "auth_key=" KEY "&auth_timestamp=1353088179";
	assert_wrong(s, "auth_version");
	s.query = "auth_key=" KEY "&auth_version=1.0";
	assert_wrong(s, "auth_timestamp");
	s.query = AUTH;
	assert_wrong(s, "body_md5");
	s.query = AUTH "&body_md5=" MD5;
	assert_wrong(s, "auth_signature");
	s.query = AUTH "&body_md5=" MD5 "&auth_signature=";
	assert_wrong(s, "auth_signature");
}

static void
the_clock_may_differ_by_ten_minutes(void **state)
{
	struct appsign s = documented;

	(void)state;
	for (int64_t off = -600; off <= 600; off += 300) {
		s.now = NOW + off;
		assert_good(&s);
	}
	s.now = NOW + 601;
	assert_wrong(s, "auth_timestamp");
	s.now = NOW - 601;
	assert_wrong(s, "auth_timestamp");
}

static void
a_time_is_digits(void **state)
{
	static const char *const times[] = {"", "x", "-1353088179", "1353088179.0", "0x50A67E33",
	    "99999999999999999999", "1353088179%20", "+1353088179"};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		const char *query = arena_printf(
		    &mem, "auth_key=" KEY "&auth_timestamp=%s&auth_version=1.0", times[i]);

		assert_wrong(get("/p", "/p", query, query), "auth_timestamp");
	}
}

static void
parameters_are_sorted_by_their_names_in_lower_case(void **state)
{
	struct appsign s = get(
	    "/p", "/p", "info=a&" AUTH "&Filter_By_Prefix=b", AUTH "&filter_by_prefix=b&info=a");

	(void)state;
	assert_good(&s);
	s = get("/p", "/p", "&&" AUTH "&&a", "a=&" AUTH);
	assert_good(&s);
}

static void
what_is_signed_is_the_decoded_text(void **state)
{
	static const char *const sent[] = {"info=a,b", "info=a%2Cb", "inf%6F=a%2cb"};
	struct appsign s;

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		s = get("/p", "/p", arena_printf(&mem, AUTH "&%s", sent[i]), AUTH "&info=a,b");
		assert_good(&s);
	}
	s = get("/p", "/p", AUTH "&info=a+b%20c%2Bd", AUTH "&info=a b c+d");
	assert_good(&s);
	s = get("/p", "/p", AUTH "&info=%ED%95%9C", AUTH "&info=\xed\x95\x9c");
	assert_good(&s);
	/* Paths: as they are sent, or as they are meant. */
	s = get("/users/a%20b", "/users/a%20b", AUTH, AUTH);
	assert_good(&s);
	s = get("/users/a%20b", "/users/a b", AUTH, AUTH);
	assert_good(&s);
	assert_wrong(get("/users/a%20b", "/users/a+b", AUTH, AUTH), "auth_signature");
}

static void
nothing_has_two_readings(void **state)
{
	(void)state;
	assert_wrong(get("/p", "/p", AUTH "&info=a%26x=b", AUTH "&info=a&x=b"), "can't be signed");
	assert_wrong(get("/p", "/p", AUTH "&info%3Da=b", AUTH "&info=a=b"), "can't be signed");
	assert_wrong(get("/p", "/p", AUTH "&info=a%0Ab", AUTH "&info=a\nb"), "can't be signed");
	assert_wrong(get("/p%0Ax", "/p\nx", AUTH, AUTH), "path");
	assert_wrong(get("/p%00x", "/p", AUTH, AUTH), "path");
	assert_wrong(get("/p", "/p", AUTH "&info=%zz", AUTH "&info=%zz"), "can't be signed");
	assert_wrong(get("/p", "/p", AUTH "&info=a&info=b", AUTH "&info=a&info=b"), "twice");
	assert_wrong(get("/p", "/p", AUTH "&INFO=a&info=b", AUTH "&info=a&info=b"), "twice");
	assert_wrong(get("/p", "/p", AUTH "&auth_signature=0", AUTH), "twice");
}

static void
an_empty_body_needs_no_digest_and_may_have_one(void **state)
{
	struct appsign s = get("/p", "/p", AUTH, AUTH);

	(void)state;
	assert_good(&s);
	s.body = STR("x");
	assert_wrong(s, "body_md5");
	s = get("/p", "/p", AUTH "&body_md5=d41d8cd98f00b204e9800998ecf8427e",
	    AUTH "&body_md5=d41d8cd98f00b204e9800998ecf8427e");
	assert_good(&s);
	s.body = STR("x");
	assert_wrong(s, "body_md5");
}

static void
there_is_an_end_to_parameters(void **state)
{
	struct buf query;

	(void)state;
	buf_init(&query, 4096);
	for (int i = 0; i < 33; i++)
		buf_printf(&query, "&a%d=", i);
	assert_wrong(get("/p", "/p", query.p, query.p), "too many");
	buf_finish(&query);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_example_is_good),
	    cmocka_unit_test(whatever_is_changed_is_noticed),
	    cmocka_unit_test(a_missing_part_is_no_part),
	    cmocka_unit_test(the_clock_may_differ_by_ten_minutes),
	    cmocka_unit_test(a_time_is_digits),
	    cmocka_unit_test(parameters_are_sorted_by_their_names_in_lower_case),
	    cmocka_unit_test(what_is_signed_is_the_decoded_text),
	    cmocka_unit_test(nothing_has_two_readings),
	    cmocka_unit_test(an_empty_body_needs_no_digest_and_may_have_one),
	    cmocka_unit_test(there_is_an_end_to_parameters),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
