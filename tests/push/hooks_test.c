/* SPDX-License-Identifier: MIT */
#define LOOP_WITH_BUS
#include "fakes.h"

#include "loop.h"

#include "push/client.h"
#include "push/hooks.h"

#include "claim.h"

static struct hub hub;
static struct conn a, b;

/* The feeder. */
static struct {
	bool there;
	char last[8][300];
	unsigned count;
} feeder;

bool
bus_ask(const struct wire_packet *p)
{
	char *to = feeder.last[feeder.count % 8];

	if (p->op != WIRE_HOOK)
		return true;
	if (!feeder.there)
		return false;
	(void)snprintf(to, sizeof(feeder.last[0]), "%.*s", (int)p->body.n, p->body.p);
	feeder.count++;
	return true;
}

static int
start_with(const char *events)
{
	int rc = fakes_start(NULL);

	conf.webhook_events = events;
	hub_init(&hub, &conf);
	conn_init(&a, &conf, NULL);
	conn_init(&b, &conf, NULL);
	play.now = 1000000;
	later_start(&conf, (struct ev_loop *)&play);
	hooks_start(&conf);
	memset(&feeder, 0, sizeof(feeder));
	feeder.there = true;
	return rc;
}

static int
start(void **state)
{
	(void)state;
	return start_with("channel_occupied channel_vacated member_added member_removed "
			  "client_event cache_miss subscription_count");
}

static int
start_with_vacated(void **state)
{
	(void)state;
	return start_with(" channel_vacated  and_no_other_event ");
}

static int
stop(void **state)
{
	hub_leave(&hub, &a);
	hub_leave(&hub, &b);
	conn_finish(&a);
	conn_finish(&b);
	hooks_stop();
	hooks_stop();
	later_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

static void
join(struct conn *c, const char *channel, const char *id)
{
	struct who who = {str_of(id), {NULL, 0}};

	hub_join(&hub, c, str_of(channel), id == NULL ? NULL : &who, &(struct follow_terms){0});
}

/* The feeder's next event. */
static unsigned seen;

static void
expect(const char *text)
{
	if (seen >= feeder.count)
		fail_msg("there was no event; expected %s", text);
	assert_string_equal(feeder.last[seen++ % 8], text);
}

#define nothing_more() assert_int_equal(seen, feeder.count)

static void
channels_come_and_go(void **state)
{
	(void)state;
	seen = 0;
	join(&a, "cache-x", NULL);
	expect("{\"name\":\"channel_occupied\",\"channel\":\"cache-x\"}");
	expect(
	    "{\"name\":\"subscription_count\",\"channel\":\"cache-x\",\"subscription_count\":1}");
	expect("{\"name\":\"cache_miss\",\"channel\":\"cache-x\"}");
	join(&b, "cache-x", NULL);
	expect("{\"name\":\"cache_miss\",\"channel\":\"cache-x\"}");
	pass(1100);
	expect(
	    "{\"name\":\"subscription_count\",\"channel\":\"cache-x\",\"subscription_count\":2}");
	hub_leave(&hub, &a);
	hub_leave(&hub, &b);
	nothing_more();
	pass(conf.presence_linger * 1000 - 500);
	join(&a, "cache-x", NULL); /* in time: it was never vacated */
	expect(
	    "{\"name\":\"subscription_count\",\"channel\":\"cache-x\",\"subscription_count\":1}");
	expect("{\"name\":\"cache_miss\",\"channel\":\"cache-x\"}");
	hub_leave(&hub, &a);
	pass(conf.presence_linger * 1000 + 200);
	expect("{\"name\":\"channel_vacated\",\"channel\":\"cache-x\"}");
	nothing_more();
}

static void
members_come_and_go(void **state)
{
	(void)state;
	seen = 0;
	join(&a, "presence-x", "1\"");
	expect("{\"name\":\"channel_occupied\",\"channel\":\"presence-x\"}");
	expect("{\"name\":\"member_added\",\"channel\":\"presence-x\",\"user_id\":\"1\\\"\"}");
	join(&b, "presence-x", "1\"");
	hub_leave(&hub, &a);
	hub_leave(&hub, &b);
	nothing_more();
	pass(conf.presence_linger * 1000 + 200);
	expect("{\"name\":\"member_removed\",\"channel\":\"presence-x\",\"user_id\":\"1\\\"\"}");
	expect("{\"name\":\"channel_vacated\",\"channel\":\"presence-x\"}");
	nothing_more();
}

static void
client_events_are_told(void **state)
{
	char id[CONN_ID_SIZE], text[200];

	(void)state;
	seen = 0;
	join(&a, "presence-x", "1");
	seen = feeder.count;
	client_receive(&hub, &a,
	    STR("{\"event\":\"client-e\",\"channel\":\"presence-x\",\"data\":{\"k\":1}}"));
	conn_socket_id(&a, id);
	(void)snprintf(text, sizeof(text),
	    "{\"name\":\"client_event\",\"channel\":\"presence-x\",\"event\":\"client-e\","
	    "\"data\":\"{\\\"k\\\":1}\",\"socket_id\":\"%s\",\"user_id\":\"1\"}",
	    id);
	expect(text);
	nothing_more();
}

static void
our_own_channels_are_not_told(void **state)
{
	(void)state;
	hooks_channel(HOOK_OCCUPIED, STR("presence-room-7"));
	hooks_channel(HOOK_VACATED, STR("private-user-7"));
	hooks_channel(HOOK_OCCUPIED, STR("lobby"));
	hooks_channel(HOOK_OCCUPIED, STR("#server-to-user-x"));
	hooks_member(HOOK_MEMBER_ADDED, STR("presence-room-7"), STR("1"));
	assert_int_equal(feeder.count, 0);
}

static void
only_what_is_named_is_told(void **state)
{
	(void)state;
	seen = 0;
	join(&a, "presence-x", "1");
	join(&a, "cache-x", NULL);
	hub_leave(&hub, &a);
	pass(2 * conf.presence_linger * 1000);
	expect("{\"name\":\"channel_vacated\",\"channel\":\"cache-x\"}");
	expect("{\"name\":\"channel_vacated\",\"channel\":\"presence-x\"}");
	nothing_more();
}

static void
they_wait_for_a_feeder(void **state)
{
	char name[32];

	(void)state;
	feeder.there = false;
	for (unsigned i = 0; i < HOOKS_KEPT + 5; i++) {
		(void)snprintf(name, sizeof(name), "presence-%u", i);
		hooks_channel(HOOK_OCCUPIED, str_of(name));
	}
	pass(3000);
	assert_int_equal(feeder.count, 0);
	feeder.there = true;
	pass(1100);
	assert_int_equal(feeder.count, HOOKS_KEPT);
	assert_non_null(strstr(feeder.last[(HOOKS_KEPT - 1) % 8], "presence-1004"));
	feeder.there = false;
	hooks_channel(HOOK_OCCUPIED, STR("presence-y"));
	feeder.there = true;
	hooks_flush(); /* a new one says that it is there */
	assert_non_null(strstr(feeder.last[HOOKS_KEPT % 8], "presence-y"));
	feeder.there = false;
	hooks_channel(HOOK_OCCUPIED, STR("presence-z"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(channels_come_and_go),
	    TEST(members_come_and_go),
	    TEST(client_events_are_told),
	    TEST(our_own_channels_are_not_told),
	    cmocka_unit_test_setup_teardown(only_what_is_named_is_told, start_with_vacated, stop),
	    TEST(they_wait_for_a_feeder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
