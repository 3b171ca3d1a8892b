/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/blocked.h"
#include "push/hub.h"
#include "push/reads.h"

#define N    3
#define ROOM "presence-room-7"

static struct hub hub;
static struct conn c[N];

static void
join(unsigned i, const char *channel, uint64_t user)
{
	struct follow_terms terms = {.claim = {.user = user, .time = 1, .head = 3}};

	hub_identify(&hub, &c[i], user, 1);
	hub_join(&hub, &c[i], str_of(channel), NULL, &terms);
}

static int
start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	loop_start(&conf, &hub, 40, 0);
	for (unsigned i = 0; i < N; i++) {
		conn_init(&c[i], &conf, NULL);
		join(i, ROOM, 100 + i);
		assert_non_null(strstr(next_text(&c[i]), "subscription_succeeded"));
	}
	return rc;
}

static int
stop(void **state)
{
	for (unsigned i = 0; i < N; i++) {
		hub_leave(&hub, &c[i]);
		conn_finish(&c[i]);
	}
	loop_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

static void
moved(uint64_t user, uint64_t seq)
{
	reads_moved(&hub, STR(ROOM), 7, user, seq, true);
}

static void
expect(unsigned i, const char *cursors)
{
	char text[300];

	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"maru:read\",\"channel\":\"" ROOM
	    "\",\"data\":\"{\\\"cursors\\\":[%s]}\"}",
	    cursors);
	assert_string_equal(next_text(&c[i]), text);
	assert_null(next_text(&c[i]));
}

#define CURSOR(seq, users) "{\\\"seq\\\":" #seq ",\\\"users\\\":[" users "]}"

static void
the_first_at_once_the_rest_once_a_second(void **state)
{
	(void)state;
	moved(5, 10);
	for (unsigned i = 0; i < N; i++)
		expect(i, CURSOR(10, "5"));
	moved(6, 12);
	moved(5, 11);
	moved(8, 11);
	moved(5, 12);
	moved(5, 9); /* late: the furthest counts */
	assert_null(next_text(&c[0]));
	pass(1200);
	for (unsigned i = 0; i < N; i++)
		expect(i, CURSOR(11, "8") "," CURSOR(12, "5,6"));
	pass(5000);
	assert_null(next_text(&c[0]));
	moved(8, 13); /* after a quiet while: at once */
	expect(0, CURSOR(13, "8"));
}

static void
blocked_people_are_left_out(void **state)
{
	json_t *list = json_pack("{s:i, s:[i]}", "at", 1, "ids", 5);

	(void)state;
	blocked_take(&c[1], list);
	json_decref(list);
	moved(5, 10);
	expect(0, CURSOR(10, "5"));
	assert_null(next_text(&c[1]));
	moved(5, 11);
	moved(6, 11);
	pass(1200);
	expect(0, CURSOR(11, "5,6"));
	expect(1, CURSOR(11, "6"));
}

static void
who_hides_it_is_told_to_the_own_windows_alone(void **state)
{
	(void)state;
	join(0, "private-user-100", 100);
	assert_non_null(strstr(next_text(&c[0]), "subscription_succeeded"));
	reads_moved(&hub, STR(ROOM), 7, 100, 10, false);
	assert_string_equal(next_text(&c[0]), "{\"event\":\"maru:read_own\",\"channel\":\"private-"
					      "user-100\",\"data\":\"{\\\"room\\\":7,"
					      "\\\"seq\\\":10}\"}");
	pass(3000);
	for (unsigned i = 0; i < N; i++)
		assert_null(next_text(&c[i]));
}

static void
a_crowd_is_told_at_once(void **state)
{
	const char *text;

	(void)state;
	moved(1, 10);
	conn_drop(&c[0]);
	for (uint64_t i = 0; i < 5000; i++)
		moved(1 + i * 7 % 5000, 11); /* each once, in no order */
	pass(1200);
	text = next_text(&c[0]);
	assert_non_null(strstr(text, "users\\\":[1,2,3,"));
	assert_non_null(strstr(text, ",4999,5000]}]}"));
	assert_null(next_text(&c[0]));
}

static void
nothing_is_kept_where_nobody_listens(void **state)
{
	(void)state;
	reads_moved(&hub, STR("presence-room-8"), 8, 5, 10, true);
	moved(5, 10);
	moved(6, 10);
	for (unsigned i = 0; i < N; i++)
		hub_part(&hub, hub_find(&hub, &c[i], STR(ROOM)));
	pass(3000);
	assert_null(hub_channel(&hub, STR(ROOM))->reads);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_first_at_once_the_rest_once_a_second),
	    TEST(blocked_people_are_left_out),
	    TEST(who_hides_it_is_told_to_the_own_windows_alone),
	    TEST(a_crowd_is_told_at_once),
	    TEST(nothing_is_kept_where_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
