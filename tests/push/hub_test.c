/* SPDX-License-Identifier: MIT */
/* link: push/hub.o push/presence.o push/revoked.o push/table.o push/conn.o push/msg.o */
#include "fakes.h"

#include "push/hub.h"

#include <stdlib.h>

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
	return rc;
}

static int
stop(void **state)
{
	for (unsigned i = 0; i < N; i++) {
		hub_leave(&hub, &c[i]);
		conn_finish(&c[i]);
	}
	hub_finish(&hub); /* asserts that no channel and no user is left */
	return fakes_stop(state);
}

/* Subscribes and takes the confirmation away. */
static void
join(struct conn *conn, const char *channel)
{
	hub_join(&hub, conn, str_of(channel), NULL);
	assert_non_null(strstr(next_text(conn), "subscription_succeeded"));
}

static void
confirmation_names_the_channel(void **state)
{
	(void)state;
	hub_join(&hub, &c[0], STR("lobby"), NULL);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"lobby\","
	    "\"data\":\"{}\"}");
}

static void
publishes_to_subscribers_only(void **state)
{
	(void)state;
	join(&c[0], "a");
	join(&c[1], "a");
	join(&c[2], "b");
	hub_publish(&hub, STR("a"), STR("hello"), &c[1]);
	assert_string_equal(next_text(&c[0]), "hello");
	assert_null(next_text(&c[1]));
	assert_null(next_text(&c[2]));
	hub_publish(&hub, STR("nobody"), STR("hello"), NULL);
	hub_publish(&hub, STR("a"), STR("again"), NULL);
	assert_ptr_equal(conn_peek(&c[0]), conn_peek(&c[1])); /* one message, shared */
	assert_int_equal(conn_peek(&c[0])->refs, 2);
	assert_string_equal(next_text(&c[1]), "again");
	assert_string_equal(next_text(&c[0]), "again");
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
	hub_publish(&hub, STR("a"), STR("x"), NULL);
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
		hub_publish(&hub, str_of(name), str_of(text), NULL);
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
		hub_publish(&hub, STR("a"), STR("x"), NULL);
		assert_string_equal(next_text(&c[0]), "x");
		assert_string_equal(next_text(&c[2]), "x");
	}
	assert_int_equal(c[1].closing, CONN_TOO_SLOW);
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(fake.closes, 1);
}

static void
revoking_unsubscribes_that_person_everywhere(void **state)
{
	struct claim claim = {.user = 7, .session = 70, .time = 1};

	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	hub_identify(&hub, &c[1], 7, 71);
	hub_identify(&hub, &c[2], 8, 80);
	for (unsigned i = 0; i < 3; i++)
		join(&c[i], "presence-room-1");
	join(&c[0], "presence-room-2");
	hub_revoke(&hub, 7, STR("presence-room-1"), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_string_equal(next_text(&c[i]),
		    "{\"event\":\"maru:unsubscribed\",\"channel\":\"presence-room-1\","
		    "\"data\":\"{}\"}");
	hub_publish(&hub, STR("presence-room-1"), STR("secret"), NULL);
	assert_null(next_text(&c[0]));
	assert_null(next_text(&c[1]));
	assert_string_equal(next_text(&c[2]), "secret");
	assert_non_null(hub_find(&hub, &c[0], STR("presence-room-2")));
	assert_true(revoked_covers(&hub.revoked, &claim, STR("presence-room-1")));
	hub_revoke(&hub, 99, STR("presence-room-1"), 0); /* nobody we know */
}

static void
cutting_closes_a_session_or_a_person(void **state)
{
	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	hub_identify(&hub, &c[1], 7, 71);
	hub_identify(&hub, &c[2], 8, 80);
	hub_identify(&hub, &c[3], 8, 81);
	hub_cut(&hub, 7, 70, 0);
	assert_int_equal(c[0].closing, HUB_DISMISSED);
	assert_int_equal(c[1].closing, 0);
	hub_cut(&hub, 0, 80, 0); /* by the session alone */
	assert_int_equal(c[2].closing, HUB_DISMISSED);
	assert_int_equal(c[3].closing, 0);
	hub_cut(&hub, 8, 0, 0);
	assert_int_equal(c[3].closing, HUB_DISMISSED);
	assert_int_equal(c[1].closing, 0);
	hub_cut(&hub, 0, 0, 0); /* says nothing */
	assert_int_equal(c[1].closing, 0);
	assert_int_equal(c[4].closing, 0);
}

static void
nothing_is_delivered_after_the_cut(void **state)
{
	(void)state;
	hub_identify(&hub, &c[0], 7, 70);
	join(&c[0], "a");
	hub_publish(&hub, STR("a"), STR("before"), NULL);
	hub_cut(&hub, 7, 70, 0);
	hub_publish(&hub, STR("a"), STR("after"), NULL);
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
	hub_cut(&hub, 7, 0, 0);
	assert_int_equal(c[0].closing, 0);
	assert_int_equal(c[1].closing, HUB_DISMISSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(confirmation_names_the_channel),
	    TEST(publishes_to_subscribers_only),
	    TEST(parting_ends_delivery),
	    TEST(any_order_of_coming_and_going),
	    TEST(leaving_twice_is_fine),
	    TEST(a_slow_subscriber_does_not_disturb_the_rest),
	    TEST(revoking_unsubscribes_that_person_everywhere),
	    TEST(cutting_closes_a_session_or_a_person),
	    TEST(nothing_is_delivered_after_the_cut),
	    TEST(the_first_claim_decides_who_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
