/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/presence.h"

#define ROOM "presence-room-1"

static struct hub hub;
static struct conn a, b, c;

static int
start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	conn_init(&a, &conf, NULL);
	conn_init(&b, &conf, NULL);
	conn_init(&c, &conf, NULL);
	loop_start(&conf, &hub, 0, 0);
	return rc;
}

static int
stop(void **state)
{
	hub_leave(&hub, &a);
	hub_leave(&hub, &b);
	hub_leave(&hub, &c);
	conn_finish(&a);
	conn_finish(&b);
	conn_finish(&c);
	follow_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

static void
join(struct conn *conn, const char *id, const char *info)
{
	struct who who = {str_of(id), str_of(info)};
	struct follow_terms t = {.claim = {.user = 7, .time = 1, .head = 3}};

	hub_join(&hub, conn, STR(ROOM), &who, &t);
}

static void
part(struct conn *conn)
{
	hub_part(&hub, hub_find(&hub, conn, STR(ROOM)));
}

#define EVENT(name, data) "{\"event\":\"" name "\",\"channel\":\"" ROOM "\",\"data\":\"" data "\"}"

static void
others_are_told_and_the_newcomer_gets_the_list(void **state)
{
	(void)state;
	join(&a, "1", "{\"name\":\"x\"}");
	assert_string_equal(next_text(&a),
	    EVENT("pusher_internal:subscription_succeeded",
		"{\\\"presence\\\":{\\\"count\\\":1,\\\"ids\\\":[\\\"1\\\"],\\\"hash\\\":{"
		"\\\"1\\\":{\\\"name\\\":\\\"x\\\"}}},\\\"head\\\":3}"));
	join(&b, "2", "");
	assert_string_equal(
	    next_text(&a), EVENT("pusher_internal:member_added",
			       "{\\\"user_id\\\":\\\"2\\\",\\\"user_info\\\":null}"));
	assert_string_equal(next_text(&b),
	    EVENT("pusher_internal:subscription_succeeded",
		"{\\\"presence\\\":{\\\"count\\\":2,\\\"ids\\\":[\\\"2\\\",\\\"1\\\"],"
		"\\\"hash\\\":{\\\"2\\\":null,\\\"1\\\":{\\\"name\\\":\\\"x\\\"}}},\\\"head\\\":"
		"3}"));
	assert_null(next_text(&b));
	part(&b);
	assert_string_equal(
	    next_text(&a), EVENT("pusher_internal:member_removed", "{\\\"user_id\\\":\\\"2\\\"}"));
}

static void
several_windows_are_one_member(void **state)
{
	(void)state;
	join(&a, "1", "");
	conn_drop(&a);
	join(&b, "2", "");
	conn_drop(&a);
	join(&c, "2", "");
	assert_null(next_text(&a));
	assert_non_null(strstr(next_text(&c), "\\\"count\\\":2,"));
	part(&b);
	assert_null(next_text(&a));
	part(&c);
	assert_non_null(strstr(next_text(&a), "member_removed"));
	assert_null(next_text(&a));
}

static void
a_lost_connection_is_a_member_gone(void **state)
{
	(void)state;
	join(&a, "1", "");
	join(&b, "2", "");
	conn_drop(&a);
	conn_drop(&b);
	hub_leave(&hub, &b);
	assert_non_null(strstr(next_text(&a), "member_removed"));
	assert_null(next_text(&b));
}

static void
ids_are_escaped(void **state)
{
	(void)state;
	join(&a, "1", "");
	conn_drop(&a);
	join(&b, "x\"\\y", "");
	assert_string_equal(next_text(&a),
	    EVENT("pusher_internal:member_added",
		"{\\\"user_id\\\":\\\"x\\\\\\\"\\\\\\\\y\\\",\\\"user_info\\\":null}"));
}

static void
huge_rooms_list_a_part_and_always_oneself(void **state)
{
	enum { MANY = PRESENCE_LISTED + 50 };
	static struct conn many[MANY];
	const char *text, *p;
	unsigned ids = 0;
	char id[16];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		conn_init(&many[i], &conf, NULL);
		(void)snprintf(id, sizeof(id), "u%u", i);
		join(&many[i], id, "");
		if (i < MANY - 1)
			many[i].closing = 1; /* takes nothing: this test is about the last one */
	}
	while ((text = next_text(&many[MANY - 1])) != NULL &&
	       strstr(text, "subscription_succeeded") == NULL)
		continue;
	assert_non_null(text);
	(void)snprintf(id, sizeof(id), "count\\\":%u,", (unsigned)MANY);
	assert_non_null(strstr(text, id));
	(void)snprintf(id, sizeof(id), "\\\"u%u\\\"", (unsigned)MANY - 1);
	assert_non_null(strstr(text, id));
	for (p = text; (p = strstr(p, "\\\":null")) != NULL; p++)
		ids++;
	assert_int_equal(ids, PRESENCE_LISTED);
	for (unsigned i = 0; i < MANY; i++) {
		hub_leave(&hub, &many[i]);
		conn_finish(&many[i]);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(others_are_told_and_the_newcomer_gets_the_list),
	    TEST(several_windows_are_one_member),
	    TEST(a_lost_connection_is_a_member_gone),
	    TEST(ids_are_escaped),
	    TEST(huge_rooms_list_a_part_and_always_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
