/* SPDX-License-Identifier: MIT */
#include "api/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The table needs its handlers; which one was chosen is all that is asked here. */
#define ROUTE(method, path, handler, flags) \
	enum err handler(struct req *r)     \
	{                                   \
		(void)r;                    \
		return OK;                  \
	}
#include "api/routes.def"
#undef ROUTE

static struct req r;

static int
start(void **state)
{
	(void)state;
	arena_init(&r.mem);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&r.mem);
	return 0;
}

static enum err
find(enum method method, const char *path)
{
	r.method = method;
	r.path = path;
	r.route = NULL;
	r.allow = NULL;
	return route_find(&r);
}

/* Writes a path that the pattern stands for. */
static void
fill_in(const char *pattern, char path[100])
{
	size_t n = 0;

	while (*pattern != '\0') {
		if (*pattern == ':' || *pattern == '*') {
			n += (size_t)snprintf(path + n, 100 - n, *pattern == ':' ? "42" : "%%20x");
			pattern += strcspn(pattern, "/");
		} else {
			path[n++] = *pattern++;
		}
	}
	path[n] = '\0';
}

static void
every_route_of_the_table_is_found(void **state)
{
	static const struct route table[] = {
#define ROUTE(method, path, handler, flags) {method, path, handler, flags},
#include "api/routes.def"
#undef ROUTE
	};
	char path[100];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		fill_in(table[i].path, path);
		assert_int_equal(find(table[i].method, path), OK);
		assert_ptr_equal(r.route->handler, table[i].handler);
		assert_int_equal(r.route->flags, table[i].flags);
		assert_string_equal(r.route->path, table[i].path);
	}
}

static void
ids_go_to_the_params_under_their_name(void **state)
{
	(void)state;
	assert_int_equal(find(GET, "/v1/rooms/9007199254740991/messages"), OK);
	assert_string_equal(r.params[0].name, "room");
	assert_true(r.params[0].id == 9007199254740991);
	assert_null(r.params[1].name);
	assert_int_equal(find(GET, "/v1/rooms/7/messages/8"), OK);
	assert_string_equal(r.params[0].name, "room");
	assert_true(r.params[0].id == 7);
	assert_string_equal(r.params[1].name, "message");
	assert_true(r.params[1].id == 8);
	assert_null(r.params[2].name);
	assert_int_equal(find(GET, "/v1/rooms"), OK);
	assert_null(r.params[0].name);
}

static void
texts_go_to_the_params_decoded(void **state)
{
	static const struct {
		const char *segment, *text;
	} rows[] = {{"x", "x"}, {"%F0%9F%99%82", "\xf0\x9f\x99\x82"},
	    {"\xf0\x9f\x99\x82", "\xf0\x9f\x99\x82"}, {"a%2Fb", "a/b"}, {"a+b", "a+b"},
	    {"%25", "%"}, {"", ""}};
	static const char *const bad[] = {"%", "%1", "%zz", "x%", "%00", "a/b"};
	char path[100];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "/v1/rooms/7/messages/8/reactions/%s", rows[i].segment);
		if (find(PUT, path) != OK)
			fail_msg("not found: %s", path);
		assert_true(r.params[0].id == 7 && r.params[1].id == 8);
		assert_string_equal(r.params[2].name, "emoji");
		assert_string_equal(r.params[2].text, rows[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(path, sizeof(path), "/v1/rooms/7/messages/8/reactions/%s", bad[i]);
		if (find(PUT, path) != ERR_NOT_FOUND)
			fail_msg("found: %s", path);
	}
}

static void
what_is_no_canonical_id_is_no_path(void **state)
{
	static const char *const bad[] = {"0", "01", "-1", "+1", "1.0", "1e3", "0x1", "abc", "1a",
	    "a1", " 1", "1 ", "%31", "9007199254740992", "99999999999999999",
	    "18446744073709551617", "00000000000000000001", "", "1;2", "..", "١"};
	char path[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(path, sizeof(path), "/v1/rooms/%s", bad[i]);
		if (find(GET, path) != ERR_NOT_FOUND)
			fail_msg("found: %s", path);
		(void)snprintf(path, sizeof(path), "/v1/rooms/%s/messages", bad[i]);
		if (find(GET, path) != ERR_NOT_FOUND)
			fail_msg("found: %s", path);
		(void)snprintf(path, sizeof(path), "/v1/rooms/1/messages/%s/reactions/x", bad[i]);
		if (find(PUT, path) != ERR_NOT_FOUND)
			fail_msg("found: %s", path);
	}
}

static void
paths_are_compared_whole(void **state)
{
	static const char *const bad[] = {"", "/", "/v1", "/v1/", "/v1/rooms/", "//v1/rooms",
	    "/v1//rooms", "/v1/rooms/1/", "/v1/rooms/1/messages/", "/v1/rooms/1/messages/2/",
	    "/v1/rooms/1/messages/2/x", "/v1/rooms/1/messages/me",
	    "/v1/rooms/1/messages/2/reactions", "/v1/rooms/1/members/2/x", "/v1/Rooms", "/V1/rooms",
	    "/v1/room", "/v1/roomss", "v1/rooms", "/v2/rooms", "/v1/rooms/1/members/me/x",
	    "/v1/users/me/", "/v1/rooms/:room", "/v1/./rooms", "/v1/rooms/../rooms"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (find(GET, bad[i]) != ERR_NOT_FOUND)
			fail_msg("found: %s", bad[i]);
		assert_null(r.allow);
	}
}

static void
a_wrong_method_is_told_the_right_ones(void **state)
{
	(void)state;
	assert_int_equal(find(DELETE, "/v1/rooms"), ERR_METHOD);
	assert_string_equal(r.allow, "POST, GET");
	assert_int_equal(find(POST, "/v1/rooms/7"), ERR_METHOD);
	assert_string_equal(r.allow, "GET, PATCH, DELETE");
	assert_int_equal(find(GET, "/v1/rooms/7/members/me"), ERR_METHOD);
	assert_string_equal(r.allow, "PUT, DELETE");
	assert_int_equal(find(GET, "/v1/rooms/7/members/8"), ERR_METHOD);
	assert_string_equal(r.allow, "PATCH, DELETE");
	assert_int_equal(find(METHOD_OTHER, "/v1/healthz"), ERR_METHOD);
	assert_string_equal(r.allow, "GET");
	assert_null(r.route);
}

static void
method_names_are_exact(void **state)
{
	(void)state;
	assert_int_equal(route_method("GET"), GET);
	assert_int_equal(route_method("POST"), POST);
	assert_int_equal(route_method("PUT"), PUT);
	assert_int_equal(route_method("PATCH"), PATCH);
	assert_int_equal(route_method("DELETE"), DELETE);
	assert_int_equal(route_method("OPTIONS"), OPTIONS);
	assert_int_equal(route_method("get"), METHOD_OTHER);
	assert_int_equal(route_method("GETX"), METHOD_OTHER);
	assert_int_equal(route_method("TRACE"), METHOD_OTHER);
	assert_int_equal(route_method(""), METHOD_OTHER);
}

static void
no_two_routes_answer_the_same_request(void **state)
{
	static const struct {
		enum method method;
		const char *path;
	} table[] = {
#define ROUTE(method, path, handler, flags) {method, path},
#include "api/routes.def"
#undef ROUTE
	};
	const size_t n = sizeof(table) / sizeof(table[0]);

	(void)state;
	for (size_t a = 0; a < n; a++) {
		for (size_t b = a + 1; b < n; b++)
			assert_false(table[a].method == table[b].method &&
				     strcmp(table[a].path, table[b].path) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_route_of_the_table_is_found),
	    cmocka_unit_test(ids_go_to_the_params_under_their_name),
	    cmocka_unit_test(texts_go_to_the_params_decoded),
	    cmocka_unit_test(what_is_no_canonical_id_is_no_path),
	    cmocka_unit_test(paths_are_compared_whole),
	    cmocka_unit_test(a_wrong_method_is_told_the_right_ones),
	    cmocka_unit_test(method_names_are_exact),
	    cmocka_unit_test(no_two_routes_answer_the_same_request),
	};

	return cmocka_run_group_tests_name("api/route", tests, start, finish);
}
