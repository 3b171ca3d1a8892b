/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "push/codes.h"
#include "push/publish.h"
#include "push/signin.h"

#include "claim.h"
#include "clock.h"

#define N      4
#define LINGER (int64_t)(conf.presence_linger * 1000)

static struct hub hub;
static struct conn c[N];

static int
start(void **state)
{
	int rc = fakes_start(state);

	hub_init(&hub, &conf);
	for (unsigned i = 0; i < N; i++)
		conn_init(&c[i], &conf, NULL);
	loop_start(&conf, &hub, 0, 0);
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

/* Signs in with a good signature of this text. */
static void
sign_in(unsigned i, const char *user_data)
{
	char id[CONN_ID_SIZE];
	struct claim_subject s = {
	    .key = str_of(conf.app_key), .secret = STR(SECRET), .channel_data = str_of(user_data)};
	struct buf auth;

	conn_socket_id(&c[i], id);
	s.socket_id = str_of(id);
	buf_init(&auth, 200);
	claim_sign_person(&s, &auth);
	signin_take(&hub, &c[i], (struct str){auth.p, auth.n}, s.channel_data);
	buf_finish(&auth);
}

static void
come(unsigned i, const char *id)
{
	char data[64];

	(void)snprintf(data, sizeof(data), "{\"id\":\"%s\"}", id);
	sign_in(i, data);
	assert_non_null(strstr(next_text(&c[i]), "pusher:signin_success"));
	assert_null(next_text(&c[i]));
}

static void
expect(unsigned i, const char *part)
{
	const char *text = next_text(&c[i]);

	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("expected %s, got %s", part, text == NULL ? "nothing" : text);
}

static void
the_answer_is_what_was_signed(void **state)
{
	(void)state;
	sign_in(0, "{\"id\":\"ann\",\"user_info\":{\"n\":1}}");
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"pusher:signin_success\",\"data\":\"{\\\"user_data\\\":\\\"{"
	    "\\\\\\\"id\\\\\\\":"
	    "\\\\\\\"ann\\\\\\\",\\\\\\\"user_info\\\\\\\":{\\\\\\\"n\\\\\\\":1}}\\\"}\"}");
	assert_true(str_eq(signin_who(&c[0]).info, STR("{\"n\":1}")));
	assert_int_equal(signin_who(&c[0]).id.n, 3);
	assert_int_equal(signin_who(&c[1]).id.n, 0);
}

static void
what_is_published_to_a_person_reaches_all_connections(void **state)
{
	(void)state;
	come(0, "ann");
	come(1, "ann");
	come(2, "bob");
	publish_signal(&hub, STR("#server-to-user-ann"), STR("hello"), 0);
	expect(0, "hello");
	expect(1, "hello");
	assert_null(next_text(&c[2]));
	hub_leave(&hub, &c[0]);
	publish_signal(&hub, STR("#server-to-user-ann"), STR("again"), 0);
	expect(1, "again");
	assert_true(signin_is_own(&c[1], STR("#server-to-user-ann")));
	assert_false(signin_is_own(&c[1], STR("#server-to-user-an")));
	assert_false(signin_is_own(&c[1], STR("#server-to-user-bob")));
	assert_false(signin_is_own(&c[3], STR("#server-to-user-")));
}

static void
false_signatures_close(void **state)
{
	(void)state;
	signin_take(&hub, &c[0], STR("maru:x"), STR("{\"id\":\"ann\"}"));
	assert_int_equal(c[0].closing, CODE_UNAUTHORIZED);
	memcpy(c[2].id, c[1].id, sizeof(c[1].id));
	sign_in(2, "{\"id\":\"ann\"}"); /* the same number: fine */
	assert_int_equal(c[2].closing, 0);
	assert_null(c[0].signin);
}

static void
bad_user_data_is_refused(void **state)
{
	static const char *const bad[] = {"", "x", "[]", "{}", "{\"id\":7}", "{\"id\":\"\"}",
	    "{\"id\":\"a\",\"id\":\"b\"}", "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]"};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sign_in(0, bad[i]);
		expect(0, "\"code\":null");
	}
	(void)snprintf(text, sizeof(text), "{\"id\":\"%0129d\"}", 0);
	sign_in(0, text);
	expect(0, "\"code\":null");
	assert_null(c[0].signin);
	assert_int_equal(c[0].closing, 0);
	(void)snprintf(text, sizeof(text), "{\"id\":\"%0128d\"}", 0);
	sign_in(0, text);
	expect(0, "signin_success");
}

static void
a_connection_is_one_person(void **state)
{
	(void)state;
	come(0, "ann");
	come(0, "ann"); /* as documented: only another person is refused */
	sign_in(0, "{\"id\":\"bob\"}");
	expect(0, "somebody else");
	assert_int_equal(c[0].closing, 0);
}

#define EVENT(name, ids)                                                                \
	"{\"event\":\"pusher_internal:watchlist_events\",\"data\":\"{\\\"events\\\":[{" \
	"\\\"name\\\":"                                                                 \
	"\\\"" name "\\\",\\\"user_ids\\\":[" ids "]}]}\"}"

static void
watchers_hear_who_comes_and_goes(void **state)
{
	(void)state;
	come(1, "bob");
	sign_in(0, "{\"id\":\"ann\",\"watchlist\":[\"bob\",\"cem\",7,\"\",\"dan\"]}");
	expect(0, "signin_success");
	assert_string_equal(next_text(&c[0]), EVENT("online", "\\\"bob\\\""));
	come(2, "cem");
	assert_string_equal(next_text(&c[0]), EVENT("online", "\\\"cem\\\""));
	come(3, "cem");
	hub_leave(&hub, &c[3]);
	play.asked_count = 0;
	pass(2 * LINGER);
	assert_null(next_text(&c[0])); /* there is another one */
	hub_leave(&hub, &c[2]);
	pass(LINGER - 100);
	assert_null(next_text(&c[0]));
	come(3, "cem"); /* a page that was loaded again */
	play.asked_count = 0;
	pass(2 * LINGER);
	assert_null(next_text(&c[0]));
	hub_leave(&hub, &c[3]);
	pass(LINGER + 200);
	assert_string_equal(next_text(&c[0]), EVENT("offline", "\\\"cem\\\""));
	c[1].dismissed = true;
	hub_leave(&hub, &c[1]);
	assert_string_equal(next_text(&c[0]), EVENT("offline", "\\\"bob\\\""));
}

static void
watchers_end_with_their_connection(void **state)
{
	(void)state;
	sign_in(0, "{\"id\":\"ann\",\"watchlist\":[\"bob\",\"bob\",\"ann\"]}");
	conn_drop(&c[0]);
	hub_leave(&hub, &c[0]);
	come(1, "bob");
	hub_leave(&hub, &c[1]);
	play.asked_count = 0;
	pass(2 * LINGER);
	assert_null(next_text(&c[0]));
}

static void
only_a_hundred_are_watched(void **state)
{
	struct buf data;

	(void)state;
	buf_init(&data, 10000);
	buf_addstr(&data, "{\"id\":\"ann\",\"watchlist\":[\"p0\"");
	for (unsigned i = 1; i <= SIGNIN_WATCHED; i++)
		buf_printf(&data, ",\"p%u\"", i);
	buf_addstr(&data, "]}");
	sign_in(0, data.p);
	buf_finish(&data);
	expect(0, "signin_success");
	expect(0, "\"code\":4302");
	come(1, "p99");
	expect(0, "p99");
	come(2, "p100");
	assert_null(next_text(&c[0]));
}

/* As maru-api signs for its own users. */
static void
sign_in_ours(unsigned i, unsigned user, unsigned session, int64_t time)
{
	char data[128];

	(void)snprintf(data, sizeof(data),
	    "{\"id\":\"%u\",\"maru\":{\"session\":%u,\"time\":%lld}}", user, session,
	    (long long)time);
	sign_in(i, data);
}

static void
users_of_ours_are_signed_out_with_their_session(void **state)
{
	int64_t now = clock_wall();

	(void)state;
	sign_in_ours(0, 7, 70, now);
	expect(0, "signin_success");
	assert_int_equal(c[0].user, 7);
	assert_int_equal(c[0].session, 70);
	hub_end_session(&hub, 7, 70);
	assert_int_equal(c[0].closing, CODE_UNAUTHORIZED);
	sign_in_ours(1, 7, 70, now);
	assert_int_equal(c[1].closing, CODE_UNAUTHORIZED); /* signed before the logout */
	sign_in_ours(2, 7, 71, now - CLAIM_MAX_AGE - 1);
	assert_int_equal(c[2].closing, CODE_UNAUTHORIZED);
	hub_identify(&hub, &c[3], 8, 80);
	sign_in_ours(3, 7, 71, now);
	assert_int_equal(c[3].closing, CODE_UNAUTHORIZED);
}

static void
a_person_can_be_cut(void **state)
{
	(void)state;
	come(0, "7");
	come(1, "ann");
	hub_identify(&hub, &c[2], 7, 70);
	hub_identify(&hub, &c[3], 8, 80);
	hub_cut(&hub, STR("7x"), 0);
	hub_cut(&hub, STR("07"), 0);
	hub_cut(&hub, STR("99999999999999999999999999999999999999999999999"), 0);
	assert_int_equal(fake.closes, 0);
	hub_cut(&hub, STR("7"), 0);
	assert_int_equal(c[0].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[2].closing, CODE_UNAUTHORIZED);
	assert_int_equal(fake.closes, 2);
	hub_cut(&hub, STR("ann"), 0);
	assert_int_equal(c[1].closing, CODE_UNAUTHORIZED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_answer_is_what_was_signed),
	    TEST(what_is_published_to_a_person_reaches_all_connections),
	    TEST(false_signatures_close),
	    TEST(bad_user_data_is_refused),
	    TEST(a_connection_is_one_person),
	    TEST(watchers_hear_who_comes_and_goes),
	    TEST(watchers_end_with_their_connection),
	    TEST(only_a_hundred_are_watched),
	    TEST(users_of_ours_are_signed_out_with_their_session),
	    TEST(a_person_can_be_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
