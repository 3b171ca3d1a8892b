/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/hub.h"

#define N 5

static struct hub hub;
static struct conn c[N];

static int
start(void **state)
{
	int rc = fakes_start(state);

	conf.push_subscription_count = true;
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
	hub_finish(&hub);
	return fakes_stop(state);
}

static void
join(unsigned i, const char *channel)
{
	hub_join(&hub, &c[i], str_of(channel), NULL, &(struct follow_terms){0});
	assert_non_null(strstr(next_text(&c[i]), "subscription_succeeded"));
}

static void
part(unsigned i, const char *channel)
{
	hub_part(&hub, hub_find(&hub, &c[i], str_of(channel)));
}

static void
expect(unsigned i, unsigned count)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"pusher_internal:subscription_count\",\"channel\":\"shop\",\"data\":\""
	    "{\\\"subscription_count\\\":%u}\"}",
	    count);
	assert_string_equal(next_text(&c[i]), text);
	assert_null(next_text(&c[i]));
}

static void
the_first_at_once_the_rest_once_a_second(void **state)
{
	(void)state;
	join(0, "shop");
	expect(0, 1);
	for (unsigned i = 1; i < N; i++)
		join(i, "shop");
	for (unsigned i = 0; i < N; i++)
		assert_null(next_text(&c[i]));
	pass(1200);
	for (unsigned i = 0; i < N; i++)
		expect(i, N);
	part(4, "shop");
	pass(1200);
	expect(0, N - 1);
	pass(10000);
	part(3, "shop"); /* after a quiet while: at once */
	expect(0, N - 2);
}

static void
each_channel_has_its_own_pause(void **state)
{
	(void)state;
	join(0, "shop");
	expect(0, 1);
	join(1, "lobby");
	assert_non_null(strstr(next_text(&c[1]), "subscription_count\\\":1"));
	part(0, "shop"); /* the channel ends with its tally */
	pass(1200);
	join(0, "shop");
	expect(0, 1);
}

static void
not_of_presence_channels_nor_of_people(void **state)
{
	const struct who who = {STR("1"), {NULL, 0}};

	(void)state;
	hub_join(&hub, &c[0], STR("presence-x"), &who, &(struct follow_terms){0});
	hub_add(&hub, &c[0], STR("#server-to-user-1"));
	assert_non_null(strstr(next_text(&c[0]), "subscription_succeeded"));
	pass(3000);
	assert_null(next_text(&c[0]));
}

static void
nobody_asked_for_it(void **state)
{
	(void)state;
	conf.push_subscription_count = false;
	join(0, "shop");
	pass(3000);
	assert_null(next_text(&c[0]));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_first_at_once_the_rest_once_a_second),
	    TEST(each_channel_has_its_own_pause),
	    TEST(not_of_presence_channels_nor_of_people),
	    TEST(nobody_asked_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
