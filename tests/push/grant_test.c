/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/grant.h"

#include "wire.h"

#define NOW 1700000000000

static struct conn c;
static struct revoked revoked;

static int
start(void **state)
{
	int rc = fakes_start(state);

	conn_init(&c, &conf, NULL);
	return rc;
}

static int
stop(void **state)
{
	conn_finish(&c);
	revoked_finish(&revoked);
	return fakes_stop(state);
}

static uint64_t head = 100; /* of the stream, as claims tell it */

/* Signs as maru-api does (user != 0) or as an application's backend does, and asks. */
static const char *
ask(const char *channel, const char *data, const char *member, uint64_t user, int64_t age)
{
	char id[CONN_ID_SIZE], hex[CRYPT_HEX_SIZE], text[500];
	struct claim_subject s = {
	    .key = str_of(conf.app_key),
	    .secret = STR(SECRET),
	    .channel = str_of(channel),
	    .channel_data = str_of(data),
	};
	struct claim claim = {.user = user, .session = 10 * user, .time = NOW - age, .head = head},
		     out;
	struct grant_request r = {.channel = s.channel, .channel_data = s.channel_data};
	struct buf auth;
	const char *why;

	conn_socket_id(&c, id);
	s.socket_id = str_of(id);
	buf_init(&auth, 1000);
	if (user != 0) {
		claim_sign(&s, &claim, &auth);
	} else {
		int n = snprintf(
		    text, sizeof(text), "%s:%s%s%s", id, channel, data[0] == '\0' ? "" : ":", data);

		crypt_hmac_hex(STR(SECRET), (struct str){text, (size_t)n}, hex);
		buf_printf(&auth, "%s:%s", conf.app_key, hex);
	}
	r.auth = (struct str){auth.p, auth.n};
	r.member = str_of(member);
	why = grant_check(&c, &revoked, &r, NOW, &out);
	if (why == NULL) {
		assert_int_equal(out.user, user);
		assert_int_equal(out.session, 10 * user);
		assert_int_equal(out.head, user == 0 ? 0 : head);
	}
	buf_finish(&auth);
	return why;
}

static void
names(void **state)
{
	char name[202];

	(void)state;
	assert_true(grant_name_ok(STR("lobby")));
	assert_true(grant_name_ok(STR("presence-room-1")));
	assert_true(grant_name_ok(STR("aZ09_-=@,.;")));
	assert_false(grant_name_ok(STR("")));
	assert_false(grant_name_ok(STR("a b")));
	assert_false(grant_name_ok(STR("a:b")));
	assert_false(grant_name_ok(STR("a\0b")));
	assert_false(grant_name_ok(STR("\xc3\xa9")));
	memset(name, 'n', sizeof(name));
	assert_true(grant_name_ok((struct str){name, 200}));
	assert_false(grant_name_ok((struct str){name, 201}));
}

static void
kinds(void **state)
{
	(void)state;
	assert_int_equal(grant_kind(STR("lobby")), GRANT_PUBLIC);
	assert_int_equal(grant_kind(STR("private")), GRANT_PUBLIC);
	assert_int_equal(grant_kind(STR("private-x")), GRANT_PRIVATE);
	assert_int_equal(grant_kind(STR("presence-x")), GRANT_PRESENCE);
}

static void
public_channels_need_nothing(void **state)
{
	struct grant_request r = {.channel = STR("lobby")};
	struct claim out;

	(void)state;
	assert_null(grant_check(&c, &revoked, &r, NOW, &out));
	assert_int_equal(out.user, 0);
}

static void
rooms_are_for_those_who_are_named(void **state)
{
	(void)state;
	assert_null(ask("presence-room-7", "{7}", "7", 7, 0));
	assert_non_null(ask("presence-room-7", "{8}", "8", 7, 0));
	assert_non_null(ask("presence-room-7", "{7}", "07", 7, 0));
	assert_non_null(ask("presence-room-7", "{7}", "", 7, 0));
	assert_non_null(ask("presence-room-7", "{7}", "7", 0, 0)); /* two parts */
}

static void
user_channels_are_their_owners(void **state)
{
	(void)state;
	assert_null(ask("private-user-7", "", "", 7, 0));
	assert_non_null(ask("private-user-8", "", "", 7, 0));
	assert_non_null(ask("private-user-", "", "", 7, 0));
	assert_non_null(ask("private-user-07", "", "", 7, 0));
	assert_non_null(ask("private-user-7", "", "", 0, 0));
}

static void
other_names_take_both_forms(void **state)
{
	(void)state;
	assert_null(ask("private-shop", "", "", 0, 0));
	assert_null(ask("presence-shop", "{\"user_id\":1}", "1", 0, 0));
	assert_null(ask("private-shop", "", "", 7, 0));
}

static void
the_hall_is_ours_where_it_is_open(void **state)
{
	(void)state;
	assert_null(ask("presence-lobby", "{7}", "7", 0, 0)); /* a name like any other */
	conf.lobby_presence = true;
	assert_null(ask("presence-lobby", "{7}", "7", 7, 0));
	assert_non_null(ask("presence-lobby", "{8}", "8", 7, 0));
	assert_non_null(ask("presence-lobby", "{7}", "7", 0, 0));
	assert_null(ask("presence-lobby-2", "{7}", "7", 0, 0));
	conf.lobby_presence = false;
}

static void
old_claims_are_refused(void **state)
{
	(void)state;
	assert_null(ask("private-user-7", "", "", 7, CLAIM_MAX_AGE - 1));
	assert_non_null(ask("private-user-7", "", "", 7, CLAIM_MAX_AGE + 1));
}

static void
revoked_claims_are_refused(void **state)
{
	(void)state;
	head = 49;
	assert_null(ask("presence-room-1", "{}", "7", 7, 0));
	revoked_add_member(&revoked, 7, STR("presence-room-1"), 50, NOW);
	assert_non_null(ask("presence-room-1", "{}", "7", 7, 0));
	assert_null(ask("presence-room-2", "{}", "7", 7, 0));
	assert_null(ask("presence-room-1", "{}", "8", 8, 0));
	head = 50; /* signed when the removal was known */
	assert_null(ask("presence-room-1", "{}", "7", 7, 0));
	revoked_add_member(&revoked, WIRE_EVERYBODY, STR("presence-room-1"), 51, NOW);
	assert_non_null(ask("presence-room-1", "{}", "7", 7, 0));
	assert_non_null(ask("presence-room-1", "{}", "8", 8, 0));
	assert_null(ask("presence-room-2", "{}", "7", 7, 0));
	revoked_add_session(&revoked, 70, NOW);
	assert_non_null(ask("presence-room-2", "{}", "7", 7, 0));
	assert_non_null(ask("private-shop", "", "", 7, 0));
	assert_null(ask("presence-room-2", "{}", "8", 8, 0));
	head = 100;
}

static void
a_connection_is_one_login(void **state)
{
	(void)state;
	c.user = 7;
	c.session = 70;
	assert_null(ask("private-x", "", "", 7, 0));
	assert_non_null(ask("private-x", "", "", 8, 0));
	c.session = 71;
	assert_non_null(ask("private-x", "", "", 7, 0));
	c.user = c.session = 0;
}

static void
anything_wrong_is_refused(void **state)
{
	static const char *const auths[] = {"", ":", "maru:", "maru:abc", "other:abc", "maru"};
	struct grant_request r = {.channel = STR("private-x")};
	struct claim out;

	(void)state;
	for (size_t i = 0; i < sizeof(auths) / sizeof(auths[0]); i++) {
		r.auth = str_of(auths[i]);
		assert_non_null(grant_check(&c, &revoked, &r, NOW, &out));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(names),
	    TEST(kinds),
	    TEST(public_channels_need_nothing),
	    TEST(rooms_are_for_those_who_are_named),
	    TEST(user_channels_are_their_owners),
	    TEST(other_names_take_both_forms),
	    TEST(the_hall_is_ours_where_it_is_open),
	    TEST(old_claims_are_refused),
	    TEST(revoked_claims_are_refused),
	    TEST(a_connection_is_one_login),
	    TEST(anything_wrong_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
