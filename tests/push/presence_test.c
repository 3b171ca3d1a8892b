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
	loop_stop();
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

#define LINGER (int64_t)(conf.presence_linger * 1000)

static void
who_lost_the_connection_lingers(void **state)
{
	(void)state;
	join(&a, "1", "");
	join(&b, "2", "");
	conn_drop(&a);
	conn_drop(&b);
	hub_leave(&hub, &b);
	pass(LINGER - 100);
	assert_null(next_text(&a));
	join(&c, "3", ""); /* sees who lingers */
	assert_non_null(strstr(next_text(&c), "\\\"count\\\":3,"));
	assert_non_null(strstr(next_text(&a), "member_added"));
	pass(300);
	assert_non_null(strstr(next_text(&a), "member_removed"));
	assert_null(next_text(&a));
	assert_null(next_text(&b));
}

static void
who_comes_back_was_never_gone(void **state)
{
	(void)state;
	join(&a, "1", "");
	join(&b, "2", "\"x\"");
	conn_drop(&a);
	for (unsigned i = 0; i < 3; i++) {
		hub_leave(&hub, &b);
		pass(LINGER - 100);
		play.asked_count = 0;
		join(&b, "2", "\"x\"");
	}
	pass(2 * LINGER);
	assert_null(next_text(&a));
	hub_leave(&hub, &b);
	join(&b, "2", "\"another name\"");
	assert_non_null(strstr(next_text(&a), "member_removed"));
	assert_non_null(strstr(next_text(&a), "another name"));
	part(&b); /* on purpose: at once */
	assert_non_null(strstr(next_text(&a), "member_removed"));
}

static void
who_is_dismissed_or_removed_does_not_linger(void **state)
{
	(void)state;
	join(&a, "1", "");
	join(&b, "2", "");
	join(&c, "3", "");
	conn_drop(&a);
	b.dismissed = true;
	hub_leave(&hub, &b);
	assert_non_null(strstr(next_text(&a), "member_removed"));
	hub_leave(&hub, &c);
	assert_null(next_text(&a));
	hub_remove(&hub, hub_channel(&hub, STR(ROOM)), 3, 4);
	assert_non_null(strstr(next_text(&a), "member_removed"));
	assert_null(next_text(&a));
	pass(2 * LINGER);
	assert_null(next_text(&a));
}

static void
nobody_needs_to_linger(void **state)
{
	(void)state;
	loop_stop();
	conf.presence_linger = 0;
	loop_start(&conf, &hub, 0, 0);
	join(&a, "1", "");
	join(&b, "2", "");
	conn_drop(&a);
	hub_leave(&hub, &b);
	assert_non_null(strstr(next_text(&a), "member_removed"));
}

/* A channel of an application ends when the last one has lingered. */
static void
a_channel_waits_for_those_who_linger(void **state)
{
	const struct who who = {STR("1"), {NULL, 0}};
	const struct follow_terms none = {0};

	(void)state;
	hub_join(&hub, &a, STR("presence-x"), &who, &none);
	hub_leave(&hub, &a);
	assert_non_null(hub_channel(&hub, STR("presence-x")));
	pass(LINGER + 200);
	assert_null(hub_channel(&hub, STR("presence-x")));
}

/* After a machine slept, the timer of the idle channels may be the first to look. */
static void
no_channel_ends_before_those_who_linger(void **state)
{
	(void)state;
	loop_stop();
	conf.presence_linger = 70;
	loop_start(&conf, &hub, 0, 0);
	play.feeder = false;
	join(&a, "1", "");
	hub_leave(&hub, &a);
	pass(65000);
	assert_non_null(hub_channel(&hub, STR(ROOM)));
	pass(7000);
	assert_null(hub_channel(&hub, STR(ROOM)));
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

enum { MANY = PRESENCE_LISTED + 50 };

static struct conn many[MANY];

static void
come(unsigned from, unsigned to)
{
	char id[16];

	for (unsigned i = from; i < to; i++) {
		conn_init(&many[i], &conf, NULL);
		(void)snprintf(id, sizeof(id), "u%u", i);
		join(&many[i], id, "");
		if (i > 0)
			conn_drop(&many[i]);
	}
}

static void
go(unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		part(&many[i]);
		conn_drop(&many[i]);
		conn_finish(&many[i]);
	}
}

/* Takes what a connection heard; returns how often the word was in it. */
static unsigned
heard(struct conn *conn, const char *word)
{
	const char *text;
	unsigned n = 0;

	while ((text = next_text(conn)) != NULL)
		n += strstr(text, word) != NULL;
	return n;
}

static void
huge_rooms_list_a_part_and_always_oneself(void **state)
{
	const char *text, *p;
	unsigned ids = 0;
	char id[16];

	(void)state;
	come(0, MANY);
	conn_drop(&many[0]);
	join(&a, "me", "");
	while ((text = next_text(&a)) != NULL && strstr(text, "subscription_succeeded") == NULL)
		continue;
	assert_non_null(text);
	(void)snprintf(id, sizeof(id), "count\\\":%u,", (unsigned)MANY + 1);
	assert_non_null(strstr(text, id));
	assert_non_null(strstr(text, "\\\"me\\\""));
	for (p = text; (p = strstr(p, "\\\":null")) != NULL; p++)
		ids++;
	assert_int_equal(ids, PRESENCE_LISTED);
	go(0, MANY);
}

static void
crowds_are_counted_once_a_second(void **state)
{
	(void)state;
	come(0, PRESENCE_LISTED);
	assert_int_equal(heard(&many[0], "member_added"), PRESENCE_LISTED - 1);
	come(PRESENCE_LISTED, MANY);
	assert_int_equal(heard(&many[0], ""), 1); /* the first change, at once */
	pass(900);
	assert_null(next_text(&many[0]));
	pass(300);
	assert_string_equal(
	    next_text(&many[0]), EVENT("maru:presence_count", "{\\\"count\\\":150}"));
	pass(5000);
	assert_null(next_text(&many[0])); /* nothing has changed */
	go(MANY - 10, MANY);
	assert_non_null(strstr(next_text(&many[0]), "149")); /* at once */
	pass(1100);
	assert_non_null(strstr(next_text(&many[0]), "140"));
	assert_null(next_text(&many[0]));
	go(0, MANY - 10);
}

static void
a_crowd_that_dissolved_is_told_who_is_left(void **state)
{
	const char *text;

	(void)state;
	come(0, MANY);
	conn_drop(&many[0]);
	pass(1100);
	conn_drop(&many[0]);
	go(1, MANY - 1);
	assert_int_equal(heard(&many[0], "presence_count"), 0);
	pass(1100);
	text = next_text(&many[0]);
	assert_string_equal(text,
	    EVENT("maru:presence", "{\\\"presence\\\":{\\\"count\\\":2,\\\"ids\\\":[\\\"u0\\\","
				   "\\\"u149\\\"],\\\"hash\\\":{\\\"u0\\\":null,\\\"u149\\\":"
				   "null}}}"));
	go(MANY - 1, MANY);
	assert_non_null(strstr(next_text(&many[0]), "member_removed"));
	go(0, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(others_are_told_and_the_newcomer_gets_the_list),
	    TEST(several_windows_are_one_member),
	    TEST(who_lost_the_connection_lingers),
	    TEST(who_comes_back_was_never_gone),
	    TEST(who_is_dismissed_or_removed_does_not_linger),
	    TEST(nobody_needs_to_linger),
	    TEST(a_channel_waits_for_those_who_linger),
	    TEST(no_channel_ends_before_those_who_linger),
	    TEST(ids_are_escaped),
	    TEST(huge_rooms_list_a_part_and_always_oneself),
	    TEST(crowds_are_counted_once_a_second),
	    TEST(a_crowd_that_dissolved_is_told_who_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
