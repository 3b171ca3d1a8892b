/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/client.h"
#include "push/codes.h"
#include "push/limits.h"
#include "push/publish.h"

#include "claim.h"
#include "clock.h"

static struct hub hub;
static struct conn a, b;

static int
start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	conn_init(&a, &conf, NULL);
	conn_init(&b, &conf, NULL);
	loop_start(&conf, &hub, 40, 0);
	return rc;
}

static int
stop(void **state)
{
	hub_leave(&hub, &a);
	hub_leave(&hub, &b);
	conn_finish(&a);
	conn_finish(&b);
	loop_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

static void
say(struct conn *c, const char *text)
{
	client_receive(&hub, c, str_of(text));
}

/* The next answer must contain this. */
static void
expect(struct conn *c, const char *part)
{
	const char *text = next_text(c);

	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("expected %s, got %s", part, text == NULL ? "nothing" : text);
}

/* Subscribes with a claim of maru-api's for this user, and more members of the frame's data. */
static void
subscribe_with(
    struct conn *c, const char *channel, uint64_t user, const char *channel_data, const char *more)
{
	char id[CONN_ID_SIZE];
	struct claim claim = {.user = user, .session = user, .time = clock_wall(), .head = 40};
	struct claim_subject s = {
	    .key = str_of(conf.app_key),
	    .secret = STR(SECRET),
	    .channel = str_of(channel),
	    .channel_data = str_of(channel_data),
	};
	struct buf text;

	conn_socket_id(c, id);
	s.socket_id = str_of(id);
	buf_init(&text, 10000);
	buf_printf(&text,
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%s\",\"auth\":\"", channel);
	claim_sign(&s, &claim, &text);
	buf_addstr(&text, "\",\"channel_data\":\"");
	buf_addjson(&text, channel_data, strlen(channel_data));
	buf_printf(&text, "\"%s}}", more);
	client_receive(&hub, c, (struct str){text.p, text.n});
	buf_finish(&text);
}

static void
subscribe(struct conn *c, const char *channel, uint64_t user, const char *channel_data)
{
	subscribe_with(c, channel, user, channel_data, "");
}

static void
greets_with_the_socket_id(void **state)
{
	char id[CONN_ID_SIZE], text[200];

	(void)state;
	client_open(&a);
	conn_socket_id(&a, id);
	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"pusher:connection_established\",\"data\":\"{\\\"socket_id\\\":\\\"%s\\\","
	    "\\\"activity_timeout\\\":120}\"}",
	    id);
	assert_string_equal(next_text(&a), text);
}

static void
answers_pings(void **state)
{
	(void)state;
	say(&a, "{\"event\":\"pusher:ping\",\"data\":{}}");
	assert_string_equal(next_text(&a), "{\"event\":\"pusher:pong\",\"data\":\"{}\"}");
	say(&a, "{\"event\":\"pusher:pong\"}");
	assert_null(next_text(&a));
}

static void
junk_gets_an_error_and_nothing_else(void **state)
{
	static const char *const texts[] = {"", "x", "[]", "1", "null", "\"a\"", "{", "{}",
	    "{\"event\":1}", "{\"event\":\"\"}", "{\"event\":\"pusher:nope\"}",
	    "{\"event\":\"client-\"}", "{\"event\":\"a\",\"event\":\"pusher:ping\"}",
	    "{\"event\":\"pusher:ping\"} x", "{\"event\":\"pusher:ping\",\"data\":\"\xff\"}",
	    "{\"event\":\"pusher:ping\",\"data\":\"\\u0000\"}", "{\"event\":\"pusher:subscribe\"}",
	    "{\"event\":\"pusher:subscribe\",\"data\":\"lobby\"}",
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":7}}",
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"a b\"}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		say(&a, texts[i]);
		expect(&a, "{\"event\":\"pusher:error\",\"data\":{\"code\":null,");
		assert_null(next_text(&a));
	}
	assert_int_equal(a.closing, 0);
}

static void
depth_and_length_are_bounded(void **state)
{
	static char deep[70000];
	size_t n;

	(void)state;
	n = (size_t)snprintf(deep, sizeof(deep), "{\"event\":\"pusher:ping\",\"data\":");
	memset(deep + n, '[', 15);
	memset(deep + n + 15, ']', 15);
	memcpy(deep + n + 30, "}", 2);
	say(&a, deep);
	expect(&a, "pong");
	memset(deep + n, '[', 16);
	memset(deep + n + 16, ']', 16);
	memcpy(deep + n + 32, "}", 2);
	say(&a, deep);
	expect(&a, "nested");
	/* Brackets in texts are none. */
	say(&a, "{\"event\":\"pusher:ping\",\"data\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}");
	expect(&a, "pong");
	memset(deep, '[', sizeof(deep) - 1);
	say(&a, deep);
	expect(&a, "too long");
}

static void
public_channels(void **state)
{
	(void)state;
	say(&a, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"lobby\"}}");
	expect(&a, "subscription_succeeded");
	say(&a, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"lobby\"}}");
	expect(&a, "Existing subscription");
	publish_text(&hub, STR("lobby"), STR("x"), NULL);
	expect(&a, "x");
	say(&a, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"lobby\"}}");
	publish_text(&hub, STR("lobby"), STR("x"), NULL);
	assert_null(next_text(&a));
	say(&a, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"lobby\"}}");
	assert_null(next_text(&a));
}

/* What a subscriber hears that says so about where it was. */
static void
expect_after(const char *more, const char *part)
{
	subscribe_with(&a, "private-user-7", 7, "", more);
	pass(10);
	expect(&a, part);
	say(&a, "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"private-user-7\"}}");
}

static void
after_tells_where_the_client_was(void **state)
{
	(void)state;
	subscribe(&b, "private-user-7", 7, ""); /* the stream is followed from 40 on */
	subscribe_with(&a, "private-user-7", 7, "", ",\"after\":{\"seq\":40,\"mid\":\"7\"}");
	pass(10);
	assert_null(next_text(&a)); /* is 40 what the client thinks that it is? */
	tell_event(WIRE_USER, 7, 40, 7, "x");
	tell_head(WIRE_USER, 7, 40);
	expect(&a, "\\\"head\\\":40,\\\"mid\\\":\\\"7\\\",\\\"recovered\\\":true}");
	hub_leave(&hub, &a);
	expect_after(",\"after\":{\"seq\":40}", "\\\"recovered\\\":true}");
	expect_after(",\"after\":{\"seq\":40,\"mid\":8}", "\\\"recovered\\\":true}");
	expect_after(",\"after\":{\"seq\":40,\"mid\":\"7\"}", "\\\"recovered\\\":true}");
	expect_after(",\"after\":{\"seq\":40,\"mid\":\"8\"}", "\\\"recovered\\\":false}");
	for (size_t i = 0; i < 9; i++) {
		static const char *const none[] = {"", ",\"after\":null", ",\"after\":40",
		    ",\"after\":[40]", ",\"after\":{}", ",\"after\":{\"seq\":-1}",
		    ",\"after\":{\"seq\":\"40\"}", ",\"after\":{\"seq\":40.0}",
		    ",\"after\":{\"mid\":\"1\"}"};

		expect_after(none[i], "\\\"head\\\":40,\\\"mid\\\":\\\"7\\\"}");
	}
	assert_null(next_text(&a));
}

static void
private_channels_need_a_right(void **state)
{
	(void)state;
	say(&a, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-x\"}}");
	expect(&a, "{\"event\":\"pusher:subscription_error\",\"channel\":\"private-x\",\"data\":\""
		   "{\\\"type\\\":\\\"AuthError\\\",\\\"error\\\":");
	assert_null(hub_find(&hub, &a, STR("private-x")));
	subscribe(&a, "private-user-7", 7, "");
	expect(&a, "subscription_succeeded");
	assert_int_equal(a.user, 7);
	assert_int_equal(a.session, 7);
	subscribe(&a, "private-user-8", 8, "");
	expect(&a, "AuthError");
}

static void
presence_takes_numbers_and_texts(void **state)
{
	(void)state;
	subscribe(&a, "presence-room-1", 7, "{\"user_id\":7,\"user_info\":{\"n\":[1, 2]}}");
	expect(&a, "\\\"hash\\\":{\\\"7\\\":{\\\"n\\\":[1,2]}}");
	subscribe(&b, "presence-room-1", 8, "{\"user_id\":\"8\"}");
	expect(&a, "member_added");
	expect(&b, "\\\"count\\\":2");
}

static void
presence_needs_good_channel_data(void **state)
{
	static const char *const bad[] = {"", "x", "[]", "{}", "{\"user_id\":\"\"}",
	    "{\"user_id\":null}", "{\"user_id\":[7]}", "{\"user_id\":\"8\"}",
	    "{\"user_id\":7,\"user_id\":8}", "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]"};
	static char big[6000];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		subscribe(&a, "presence-room-1", 7, bad[i]);
		expect(&a, "AuthError");
	}
	(void)snprintf(big, sizeof(big), "{\"user_id\":7,\"user_info\":\"%01500d\"}", 0);
	subscribe(&a, "presence-room-1", 7, big);
	expect(&a, "user_info is too long");
	(void)snprintf(big, sizeof(big), "{\"user_id\":\"%0130d\"}", 0);
	subscribe(&a, "presence-room-1", 7, big);
	expect(&a, "AuthError");
	assert_null(a.subs);
}

static void
subscriptions_are_limited(void **state)
{
	char text[100];

	(void)state;
	for (unsigned i = 0; i < CONN_SUBSCRIPTIONS; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"c%u\"}}", i);
		say(&a, text);
		expect(&a, "subscription_succeeded");
	}
	say(&a, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"more\"}}");
	expect(&a, "Too many subscriptions");
}

static void
client_events_reach_the_others(void **state)
{
	(void)state;
	subscribe(&a, "presence-room-1", 7, "{\"user_id\":\"7\"}");
	subscribe(&b, "presence-room-1", 8, "{\"user_id\":\"8\"}");
	conn_drop(&a);
	conn_drop(&b);
	say(&a, "{\"event\":\"client-x\\\"y\",\"channel\":\"presence-room-1\","
		"\"data\":{\"k\": \"v\"}}");
	assert_string_equal(next_text(&b),
	    "{\"event\":\"client-x\\\"y\",\"channel\":\"presence-room-1\","
	    "\"data\":\"{\\\"k\\\":\\\"v\\\"}\",\"user_id\":\"7\"}");
	assert_null(next_text(&a));
	say(&a,
	    "{\"event\":\"client-x\",\"channel\":\"presence-room-1\",\"data\":\"{\\\"k\\\":1}\","
	    "\"user_id\":\"8\"}");
	assert_string_equal(next_text(&b),
	    "{\"event\":\"client-x\",\"channel\":\"presence-room-1\","
	    "\"data\":\"{\\\"k\\\":1}\",\"user_id\":\"7\"}");
}

static void
client_events_are_refused_elsewhere(void **state)
{
	(void)state;
	say(&a, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"lobby\"}}");
	say(&b, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"lobby\"}}");
	conn_drop(&a);
	conn_drop(&b);
	say(&a, "{\"event\":\"client-x\",\"channel\":\"lobby\",\"data\":{}}");
	expect(&a, "\"code\":4301");
	subscribe(&b, "private-x", 8, "");
	conn_drop(&b);
	say(&a, "{\"event\":\"client-x\",\"channel\":\"private-x\",\"data\":{}}");
	expect(&a, "\"code\":4301");
	say(&a, "{\"event\":\"client-x\",\"data\":{}}");
	expect(&a, "\"code\":4301");
	subscribe(&b, "private-encrypted-x", 8, "");
	conn_drop(&b);
	say(&b, "{\"event\":\"client-x\",\"channel\":\"private-encrypted-x\",\"data\":{}}");
	expect(&b, "\"code\":4301");
	assert_null(next_text(&b));
}

static void
client_events_are_bounded(void **state)
{
	static char text[12000];
	int n = 10240;

	(void)state;
	subscribe(&a, "private-x", 7, "");
	subscribe(&b, "private-x", 8, "");
	conn_drop(&a);
	conn_drop(&b);
	for (unsigned i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"event\":\"client-x\",\"channel\":\"private-x\",\"data\":\"%0*d\"}",
		    n + (int)i, 0);
		say(&a, text);
	}
	expect(&b, "client-x");
	assert_null(next_text(&b));
	expect(&a, "10240 bytes");
	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"client-%0200d\",\"channel\":\"private-x\",\"data\":1}", 0);
	say(&a, text);
	expect(&a, "name is too long");
}

static void
the_channel_of_a_person_is_confirmed_to_it_alone(void **state)
{
	static const char own[] =
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"#server-to-user-ann\"}}";
	char id[CONN_ID_SIZE], text[300];
	struct claim_subject s = {.key = str_of(conf.app_key),
	    .secret = STR(SECRET),
	    .channel_data = STR("{\"id\":\"ann\",\"user_info\":{\"n\":1}}")};
	struct buf auth;

	(void)state;
	say(&a, own);
	expect(&a, "Invalid channel name");
	conn_socket_id(&a, id);
	s.socket_id = str_of(id);
	buf_init(&auth, 200);
	claim_sign_person(&s, &auth);
	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"pusher:signin\",\"data\":{\"auth\":\"%s\",\"user_data\":"
	    "\"{\\\"id\\\":\\\"ann\\\",\\\"user_info\\\":{\\\"n\\\":1}}\"}}",
	    auth.p);
	buf_finish(&auth);
	say(&a, text);
	expect(&a, "signin_success");
	say(&a, own);
	expect(&a, "subscription_succeeded\",\"channel\":\"#server-to-user-ann\"");
	say(&b, own);
	expect(&b, "Invalid channel name");
	say(&a,
	    "{\"event\":\"pusher:unsubscribe\",\"data\":{\"channel\":\"#server-to-user-ann\"}}");
	assert_int_equal(a.subs_count, 1);
	say(&a, "{\"event\":\"client-x\",\"channel\":\"#server-to-user-ann\",\"data\":{}}");
	expect(&a, "\"code\":4301");
	subscribe(&a, "presence-x", 7, ""); /* is ann there, without being named */
	expect(&a, "{\\\"ann\\\":{\\\"n\\\":1}}");
}

static void
floods_are_closed(void **state)
{
	unsigned answers = 0;

	(void)state;
	for (unsigned i = 0; i < LIMITS_FRAMES; i++) {
		say(&a, "{\"event\":\"pusher:ping\"}");
		answers += next_text(&a) != NULL;
	}
	assert_int_equal(answers, LIMITS_FRAMES);
	say(&a, "{\"event\":\"pusher:ping\"}");
	assert_int_equal(a.closing, CODE_TOO_MUCH);
}

static void
client_events_are_limited_per_second(void **state)
{
	unsigned got = 0;

	(void)state;
	subscribe(&a, "private-x", 7, "");
	subscribe(&b, "private-x", 8, "");
	conn_drop(&a);
	conn_drop(&b);
	for (unsigned i = 0; i < 50; i++)
		say(&a, "{\"event\":\"client-x\",\"channel\":\"private-x\",\"data\":{}}");
	while (next_text(&b) != NULL)
		got++;
	assert_int_equal(got, CLIENT_EVENTS_PER_SECOND);
	expect(&a, "\"code\":4301");
	a.events.since -= 1000; /* a second later */
	say(&a, "{\"event\":\"client-x\",\"channel\":\"private-x\",\"data\":{}}");
	expect(&b, "client-x");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(greets_with_the_socket_id),
	    TEST(answers_pings),
	    TEST(junk_gets_an_error_and_nothing_else),
	    TEST(depth_and_length_are_bounded),
	    TEST(public_channels),
	    TEST(after_tells_where_the_client_was),
	    TEST(private_channels_need_a_right),
	    TEST(presence_takes_numbers_and_texts),
	    TEST(presence_needs_good_channel_data),
	    TEST(subscriptions_are_limited),
	    TEST(client_events_reach_the_others),
	    TEST(client_events_are_refused_elsewhere),
	    TEST(client_events_are_bounded),
	    TEST(the_channel_of_a_person_is_confirmed_to_it_alone),
	    TEST(floods_are_closed),
	    TEST(client_events_are_limited_per_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
