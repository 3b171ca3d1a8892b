/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/codes.h"

#include "loop.h"

#include "push/hub.h"
#include "push/publish.h"

#define N 8

static struct hub hub;
static struct conn c[N];

static int
start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	for (unsigned i = 0; i < N; i++)
		conn_init(&c[i], &conf, NULL);
	loop_start(&conf, &hub, 40, 0);
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
	hub_finish(&hub); /* asserts that no channel and no user is left */
	return fakes_stop(state);
}

/* Subscribes and takes the confirmation away. The claim was signed when the stream, if there is one
 * behind the channel, was at `head`. */
static void
join_at(struct conn *conn, const char *channel, uint64_t head)
{
	struct follow_terms t = {.claim = {conn->user, conn->session, 1, head}};

	hub_join(&hub, conn, str_of(channel), NULL, &t);
	assert_non_null(strstr(next_text(conn), "subscription_succeeded"));
}

static void
join(struct conn *conn, const char *channel)
{
	join_at(conn, channel, 0);
}

static void
confirmation_names_the_channel(void **state)
{
	const struct follow_terms none = {0};

	(void)state;
	hub_join(&hub, &c[0], STR("shop"), NULL, &none);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"shop\","
	    "\"data\":\"{}\"}");
}

static void
confirmation_of_a_stream_tells_its_head(void **state)
{
	const struct follow_terms none = {0};
	const struct hub_confirmed all = {
	    {WIRE_ROOM, 7, 12, UINT64_MAX}, {WIRE_ROOM, 7, 10, 5}, true, true};
	const struct hub_confirmed lost = {
	    {WIRE_ROOM, 7, 12, 0}, {WIRE_ROOM, 7, 12, 0}, true, false};

	(void)state;
	hub_join(&hub, &c[0], STR("lobby"), NULL, &none);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"lobby\","
	    "\"data\":\"{\\\"head\\\":40}\"}");
	hub_confirm(c[0].subs, &all);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"lobby\","
	    "\"data\":\"{\\\"head\\\":12,\\\"mid\\\":\\\"18446744073709551615\\\","
	    "\\\"recovered\\\":true}\"}");
	hub_confirm(c[0].subs, &lost);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"lobby\","
	    "\"data\":\"{\\\"head\\\":12,\\\"recovered\\\":false}\"}");
}

static void
refusals_name_the_channel_and_end_the_subscription(void **state)
{
	static const char text[] =
	    "{\"event\":\"pusher:subscription_error\",\"channel\":\"shop\",\"data\":\""
	    "{\\\"type\\\":\\\"AuthError\\\",\\\"error\\\":\\\"Why\\\",\\\"status\\\":401}\"}";

	(void)state;
	hub_deny(&c[0], STR("shop"), "Why");
	assert_string_equal(next_text(&c[0]), text);
	join(&c[0], "shop");
	hub_refuse(&hub, c[0].subs, "Why");
	assert_string_equal(next_text(&c[0]), text);
	assert_null(next_text(&c[0]));
	assert_null(hub_find(&hub, &c[0], STR("shop")));
	assert_null(hub_channel(&hub, STR("shop")));
}

static void
publishes_to_subscribers_only(void **state)
{
	(void)state;
	join(&c[0], "a");
	join(&c[1], "a");
	join(&c[2], "b");
	publish_text(&hub, STR("a"), STR("hello"), &c[1]);
	assert_string_equal(next_text(&c[0]), "hello");
	assert_null(next_text(&c[1]));
	assert_null(next_text(&c[2]));
	publish_text(&hub, STR("nobody"), STR("hello"), NULL);
	publish_text(&hub, STR("a"), STR("again"), NULL);
	assert_ptr_equal(conn_peek(&c[0]), conn_peek(&c[1])); /* one message, shared */
	assert_int_equal(conn_peek(&c[0])->refs, 2);
	assert_string_equal(next_text(&c[1]), "again");
	assert_string_equal(next_text(&c[0]), "again");
}

static void
signals_spare_the_socket_that_sent_them(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		join(&c[i], "a");
	publish_signal(&hub, STR("a"), STR("x"), (uint64_t)c[1].id[0] << 32 | c[1].id[1]);
	assert_string_equal(next_text(&c[0]), "x");
	assert_null(next_text(&c[1]));
	assert_string_equal(next_text(&c[2]), "x");
	publish_signal(&hub, STR("a"), STR("y"), 12345); /* of nobody here */
	publish_signal(&hub, STR("nobody"), STR("z"), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(next_text(&c[i]), "y");
}

static void
cache_channels_remember(void **state)
{
	(void)state;
	join(&c[0], "cache-a");
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher:cache_miss\",\"channel\":\"cache-a\",\"data\":\"{}\"}");
	publish_signal(&hub, STR("cache-a"), STR("one"), 0);
	publish_text(&hub, STR("cache-a"), STR("two"), NULL);
	assert_string_equal(next_text(&c[0]), "one");
	assert_string_equal(next_text(&c[0]), "two");
	hub_part(&hub, c[0].subs); /* nobody is there any more */
	assert_null(hub_channel(&hub, STR("cache-a")));
	join(&c[1], "cache-a");
	assert_string_equal(next_text(&c[1]), "two");
	publish_signal(&hub, STR("cache-b"), STR("early"), 0); /* nobody was ever there */
	join(&c[1], "cache-b");
	assert_string_equal(next_text(&c[1]), "early");
	join(&c[1], "b");
	assert_null(next_text(&c[1]));
}

static void
one_person_has_so_many_connections(void **state)
{
	(void)state;
	conf.push_user_connections = 2;
	for (unsigned i = 0; i < 3; i++)
		hub_identify(&hub, &c[i], 7, 70);
	hub_identify(&hub, &c[3], 8, 80);
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(c[1].closing, 0);
	assert_int_equal(c[2].closing, CODE_CROWDED);
	assert_int_equal(c[3].closing, 0);
	hub_leave(&hub, &c[2]);
	hub_leave(&hub, &c[0]);
	hub_identify(&hub, &c[4], 7, 70);
	assert_int_equal(c[4].closing, 0);
}

static void
parting_ends_delivery(void **state)
{
	struct sub *s;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		join(&c[i], "a");
	s = hub_find(&hub, &c[1], STR("a"));
	assert_non_null(s);
	hub_part(&hub, s);
	assert_null(hub_find(&hub, &c[1], STR("a")));
	assert_int_equal(c[1].subs_count, 0);
	publish_text(&hub, STR("a"), STR("x"), NULL);
	assert_null(next_text(&c[1]));
	for (unsigned i = 0; i < 4; i++) {
		if (i != 1)
			assert_string_equal(next_text(&c[i]), "x");
	}
}

/* Against a table of who should be where. */
static void
any_order_of_coming_and_going(void **state)
{
	bool in[N][5] = {{false}};
	char name[8], text[16];

	(void)state;
	srandom(7);
	for (unsigned step = 0; step < 5000; step++) {
		unsigned i = (unsigned)random() % N, ch = (unsigned)random() % 5;
		struct sub *s;

		(void)snprintf(name, sizeof(name), "ch%u", ch);
		s = hub_find(&hub, &c[i], str_of(name));
		assert_int_equal(s != NULL, in[i][ch]);
		if (s == NULL)
			join(&c[i], name);
		else
			hub_part(&hub, s);
		in[i][ch] = !in[i][ch];
		(void)snprintf(text, sizeof(text), "%u", step);
		publish_text(&hub, str_of(name), str_of(text), NULL);
		for (unsigned k = 0; k < N; k++) {
			const char *got = next_text(&c[k]);

			assert_int_equal(got != NULL, in[k][ch]);
			if (got != NULL)
				assert_string_equal(got, text);
		}
	}
}

static void
leaving_twice_is_fine(void **state)
{
	(void)state;
	join(&c[0], "a");
	join(&c[0], "b");
	hub_identify(&hub, &c[0], 7, 70);
	hub_leave(&hub, &c[0]);
	assert_null(c[0].subs);
	assert_int_equal(c[0].user, 0);
	hub_leave(&hub, &c[0]);
}

static void
a_slow_subscriber_does_not_disturb_the_rest(void **state)
{
	(void)state;
	conf.push_queue_events = 16;
	for (unsigned i = 0; i < 3; i++)
		join(&c[i], "a");
	for (unsigned i = 0; i < 40; i++) {
		publish_text(&hub, STR("a"), STR("x"), NULL);
		assert_string_equal(next_text(&c[0]), "x");
		assert_string_equal(next_text(&c[2]), "x");
	}
	assert_int_equal(c[1].closing, CODE_TOO_SLOW);
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(fake.closes, 1);
}

#define UNSUBSCRIBED \
	"{\"event\":\"maru:unsubscribed\",\"channel\":\"presence-room-1\",\"data\":\"{}\"}"

/* The event seq removes somebody from room 1. */
static void
remove_from_room(uint64_t user, uint64_t seq)
{
	hub_remove(&hub, hub_channel(&hub, STR("presence-room-1")), user, seq);
}

static void
removing_unsubscribes_that_person_everywhere(void **state)
{
	struct claim claim = {.user = 7, .session = 70, .time = 1, .head = 10};

	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	hub_identify(&hub, &c[1], 7, 71);
	hub_identify(&hub, &c[2], 8, 80);
	for (unsigned i = 0; i < 3; i++)
		join_at(&c[i], "presence-room-1", 10);
	join(&c[0], "presence-room-2");
	remove_from_room(7, 11);
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(next_text(&c[i]), UNSUBSCRIBED);
	publish_text(&hub, STR("presence-room-1"), STR("secret"), NULL);
	assert_null(next_text(&c[0]));
	assert_null(next_text(&c[1]));
	assert_string_equal(next_text(&c[2]), "secret");
	assert_non_null(hub_find(&hub, &c[0], STR("presence-room-2")));
	assert_true(revoked_covers(&hub.revoked, &claim, STR("presence-room-1")));
	assert_false(revoked_covers(&hub.revoked, &claim, STR("presence-room-2")));
	claim.head = 11;
	assert_false(revoked_covers(&hub.revoked, &claim, STR("presence-room-1")));
	remove_from_room(99, 12); /* nobody we know */
	assert_null(next_text(&c[2]));
}

static void
who_subscribed_after_a_removal_stays(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		hub_identify(&hub, &c[i], 7, 70 + i);
		join_at(&c[i], "presence-room-1", 10 + i);
	}
	remove_from_room(7, 11);
	assert_string_equal(next_text(&c[0]), UNSUBSCRIBED);
	assert_null(next_text(&c[1])); /* the right was given when 11 was known */
	assert_null(next_text(&c[2]));
	assert_null(c[0].subs);
	assert_non_null(c[1].subs);
	remove_from_room(7, 12);
	assert_string_equal(next_text(&c[1]), UNSUBSCRIBED);
	assert_null(next_text(&c[2]));
	assert_non_null(c[2].subs);
}

static void
everybody_can_be_removed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++) {
		hub_identify(&hub, &c[i], 7 + i / 2, 70 + i);
		join_at(&c[i], "presence-room-1", 10);
	}
	remove_from_room(WIRE_EVERYBODY, 11);
	for (unsigned i = 0; i < N; i++) {
		assert_string_equal(next_text(&c[i]), UNSUBSCRIBED);
		assert_null(next_text(&c[i]));
		assert_null(c[i].subs);
	}
}

static void
the_end_of_a_session_closes_its_connections(void **state)
{
	struct claim claim = {.user = 7, .session = 70, .time = 1, .head = UINT64_MAX};

	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	hub_identify(&hub, &c[1], 7, 71);
	hub_identify(&hub, &c[2], 8, 80);
	hub_identify(&hub, &c[3], 8, 81);
	hub_identify(&hub, &c[4], 7, 70);
	hub_end_session(&hub, 7, 70);
	assert_int_equal(c[0].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[4].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[1].closing, 0);
	assert_true(revoked_covers(&hub.revoked, &claim, STR("private-user-7")));
	claim.session = 71;
	assert_false(revoked_covers(&hub.revoked, &claim, STR("private-user-7")));
	hub_end_session(&hub, 8, 0); /* no such session */
	assert_int_equal(c[2].closing, 0);
	assert_int_equal(c[3].closing, 0);
	hub_end_session(&hub, 8, 80);
	assert_int_equal(c[2].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[3].closing, 0);
	hub_end_session(&hub, 9, 71); /* of nobody who is here */
	assert_int_equal(c[1].closing, 0);
	assert_int_equal(c[5].closing, 0);
	assert_int_equal(fake.closes, 3);
}

static void
nothing_is_delivered_after_the_end(void **state)
{
	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	join(&c[0], "a");
	publish_text(&hub, STR("a"), STR("before"), NULL);
	hub_end_session(&hub, 7, 70);
	publish_text(&hub, STR("a"), STR("after"), NULL);
	assert_null(next_text(&c[0]));
}

static void
the_first_claim_decides_who_it_is(void **state)
{
	(void)state;
	hub_identify(&hub, &c[0], 0, 0);
	assert_int_equal(c[0].user, 0);
	hub_identify(&hub, &c[0], 7, 70);
	hub_identify(&hub, &c[0], 8, 80);
	assert_int_equal(c[0].user, 7);
	hub_identify(&hub, &c[1], 7, 70);
	hub_leave(&hub, &c[0]);
	hub_end_session(&hub, 7, 70);
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(c[1].closing, CODE_UNAUTHORIZED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(confirmation_names_the_channel),
	    TEST(confirmation_of_a_stream_tells_its_head),
	    TEST(refusals_name_the_channel_and_end_the_subscription),
	    TEST(publishes_to_subscribers_only),
	    TEST(signals_spare_the_socket_that_sent_them),
	    TEST(cache_channels_remember),
	    TEST(one_person_has_so_many_connections),
	    TEST(parting_ends_delivery),
	    TEST(any_order_of_coming_and_going),
	    TEST(leaving_twice_is_fine),
	    TEST(a_slow_subscriber_does_not_disturb_the_rest),
	    TEST(removing_unsubscribes_that_person_everywhere),
	    TEST(who_subscribed_after_a_removal_stays),
	    TEST(everybody_can_be_removed),
	    TEST(the_end_of_a_session_closes_its_connections),
	    TEST(nothing_is_delivered_after_the_end),
	    TEST(the_first_claim_decides_who_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
