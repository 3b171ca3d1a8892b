/* SPDX-License-Identifier: MIT */
/* Whom somebody hears nothing of: lists, placeholders, changes, presence. User 1 blocks, user 2 and
 * others are blocked. */
#include "fakes.h"

#include "push/blocked.h"

#include "loop.h"

#include "room.h"

#include "push/client.h"
#include "push/publish.h"

#include "clock.h"

static uint64_t changes; /* events of the system's stream so far */

static int
start(void **state)
{
	changes = 0;
	return room_start(state);
}

/* Connection i is told a list as a claim brings it. */
static void
take(unsigned i, const char *json)
{
	json_t *list = json_loads(json, 0, NULL);

	blocked_take(&c[i], list);
	json_decref(list);
}

/* A worker tells that a user's list has changed. */
static void
change(uint64_t who, uint64_t other, bool on, uint64_t at)
{
	struct wire_packet p = {.op = WIRE_EVENT,
	    .kind = WIRE_SYSTEM,
	    .seq = ++changes,
	    .mid = 7000 + changes,
	    .user = who,
	    .sender = other,
	    .session = wire_block(at, on),
	    .body = STR("block.changed")};

	follow_event(&p);
}

static struct wire_packet
message(enum wire_op op, uint64_t seq, uint64_t sender)
{
	struct wire_packet p = packet(seq, 0);

	p.op = op;
	p.sender = sender;
	return p;
}

/* Somebody's message, as a worker tells it. */
static void
said(uint64_t seq, uint64_t sender)
{
	struct wire_packet p = message(WIRE_EVENT, seq, sender);

	follow_event(&p);
}

static void
expect_veil(unsigned i, uint64_t seq, uint64_t sender)
{
	const char *text = next_text(&c[i]);
	char wanted[200];

	(void)snprintf(wanted, sizeof(wanted),
	    "{\"event\":\"message.created\",\"data\":\"{\\\"room\\\":7,\\\"seq\\\":%llu,"
	    "\\\"mid\\\":"
	    "\\\"%llu\\\",\\\"sender\\\":%llu,\\\"hidden\\\":true}\"}",
	    (unsigned long long)seq, (unsigned long long)mid_of(seq), (unsigned long long)sender);
	assert_non_null(text);
	assert_string_equal(text, wanted);
}

/* ---- lists ---- */

static void
a_list_is_what_the_latest_claim_says(void **state)
{
	(void)state;
	take(0, "{\"at\":5,\"ids\":[40,2,30]}");
	assert_true(blocked_has(&c[0], 2) && blocked_has(&c[0], 30) && blocked_has(&c[0], 40));
	assert_false(blocked_has(&c[0], 3) || blocked_has(&c[0], 0) || blocked_has(&c[0], 41));
	take(0, "{\"at\":4,\"ids\":[3]}"); /* was asked for before, and comes later */
	assert_true(blocked_has(&c[0], 2) && !blocked_has(&c[0], 3));
	take(0, "{\"at\":5,\"ids\":[2,3]}");
	assert_true(blocked_has(&c[0], 3) && !blocked_has(&c[0], 40));
	take(0, "{\"at\":6}");
	assert_null(c[0].blocked);
	take(0, "{\"at\":7,\"ids\":[]}");
	assert_null(c[0].blocked);
	blocked_take(&c[0], NULL);
	assert_null(c[0].blocked);
}

/* The signature keeps clients from it, and yet. */
static void
any_json_is_some_list(void **state)
{
	static const char *const texts[] = {"[]", "[{\"at\":5}]", "{}", "{\"at\":\"5\"}",
	    "{\"at\":-5,\"ids\":{}}", "{\"at\":5,\"ids\":[\"2\",null,{},-1,2,2]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		take(0, texts[i]);
	assert_true(blocked_has(&c[0], 2));
	blocked_change(&c[0], 2, false);
	blocked_change(&c[0], 2, false);
}

static void
changes_keep_the_order(void **state)
{
	static const uint64_t ids[] = {50, 10, 30, 20, 40, 60};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		blocked_change(&c[0], ids[i], true);
	blocked_change(&c[0], 30, true);
	for (size_t i = 0; i < 6; i++) {
		assert_true(blocked_has(&c[0], ids[i]) && !blocked_has(&c[0], ids[i] + 1));
		blocked_change(&c[0], ids[i], false);
		assert_false(c[0].blocked != NULL && blocked_has(&c[0], ids[i]));
		for (size_t k = i + 1; k < 6; k++)
			assert_true(blocked_has(&c[0], ids[k]));
	}
	assert_null(c[0].blocked);
	blocked_change(&c[0], 10, false);
	assert_null(c[0].blocked);
}

/* The claim was signed after both, the events come later. */
static void
changes_that_the_claim_knew_end_where_it_was(void **state)
{
	(void)state;
	take(0, "{\"at\":6,\"ids\":[2]}");
	change(user(0), 2, true, 3);
	change(user(0), 3, true, 4);
	change(user(0), 3, false, 5);
	change(user(0), 2, false, 6);
	change(user(0), 2, true, 6);
	assert_true(blocked_has(&c[0], 2) && !blocked_has(&c[0], 3));
	change(user(0), 3, true, 7);
	assert_true(blocked_has(&c[0], 2) && blocked_has(&c[0], 3));
}

/* ---- delivery ---- */

static void
the_blocker_alone_gets_placeholders(void **state)
{
	struct sub *s;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		subscribe(i, HEAD);
		conn_drop(&c[i]);
	}
	take(0, "{\"at\":5,\"ids\":[2]}");
	take(2, "{\"at\":5,\"ids\":[2,9]}");
	said(11, 2);
	said(12, 3);
	event(13);
	s = sub_of(0);
	assert_ptr_equal(conn_peek(&c[0]), conn_peek(&c[2])); /* one for both */
	assert_int_equal(conn_peek(&c[0])->place.seq, 11);
	assert_int_equal(s->floor, HEAD);
	expect_veil(0, 11, 2);
	expect_events(0, 12, 13);
	expect_events(1, 11, 13);
	expect_veil(2, 11, 2);
	expect_events(2, 12, 13);
}

static void
a_placeholder_keeps_what_the_log_shows_of_it(void **state)
{
	static const char created[] =
	    "{\"event\":\"message.created\",\"channel\":\"presence-room-7\",\"data\":\"{"
	    "\\\"room\\\":7,"
	    "\\\"seq\\\":11,\\\"mid\\\":\\\"110\\\",\\\"sender\\\":2,\\\"client_id\\\":\\\"x\\\","
	    "\\\"body\\\":\\\"\\\\\\\"secret\\\\\\\"\\\",\\\"created_at\\\":\\\"2026\\\"}\"}";
	static const char updated[] = "{\"event\":\"message.updated\",\"channel\":\"presence-room-"
				      "7\",\"data\":\"{\\\"room\\\":7,"
				      "\\\"message\\\":{\\\"room\\\":7,\\\"seq\\\":11,\\\"mid\\\":"
				      "\\\"110\\\",\\\"sender\\\":2,"
				      "\\\"body\\\":\\\"secret\\\",\\\"rev\\\":12},\\\"seq\\\":12,"
				      "\\\"mid\\\":\\\"120\\\"}\"}";
	struct wire_packet p = message(WIRE_EVENT, 11, 2);

	(void)state;
	subscribe(0, HEAD);
	conn_drop(&c[0]);
	take(0, "{\"at\":5,\"ids\":[2]}");
	p.body = str_of(created);
	follow_event(&p);
	assert_string_equal(next_text(&c[0]), "{\"event\":\"message.created\",\"channel\":"
					      "\"presence-room-7\",\"data\":\"{\\\"room\\\":7,"
					      "\\\"seq\\\":11,\\\"mid\\\":\\\"110\\\","
					      "\\\"sender\\\":2,\\\"created_at\\\":\\\"2026\\\","
					      "\\\"hidden\\\":true}\"}");
	p = message(WIRE_EVENT, 12, 2);
	p.body = str_of(updated);
	follow_event(&p);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"message.updated\",\"channel\":\"presence-room-7\",\"data\":\"{"
	    "\\\"room\\\":7,"
	    "\\\"message\\\":{\\\"room\\\":7,\\\"seq\\\":11,\\\"mid\\\":\\\"110\\\",\\\"sender\\\":"
	    "2,"
	    "\\\"rev\\\":12,\\\"hidden\\\":true},\\\"seq\\\":12,\\\"mid\\\":\\\"120\\\"}\"}");
}

/* The claim of one says that the seqs up to 5 are not for them; a change names its message. */
static void
a_change_of_what_was_said_before_is_a_placeholder(void **state)
{
	struct wire_packet p = message(WIRE_EVENT, 11, 2);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		subscribe(i, HEAD);
		conn_drop(&c[i]);
	}
	sub_of(0)->from = 5;
	p.session = 5;
	follow_event(&p);
	p = message(WIRE_EVENT, 12, 2);
	p.session = 6;
	follow_event(&p);
	event(13);
	expect_veil(0, 11, 2);
	expect_events(0, 12, 13);
	expect_events(1, 11, 13);
}

static void
what_was_missed_is_filtered_too(void **state)
{
	struct wire_packet p;

	(void)state;
	subscribe(3, HEAD);
	conn_drop(&c[3]);
	for (uint64_t seq = 11; seq <= 14; seq++)
		said(seq, seq % 2 == 0 ? 2 : 3);
	take(0, "{\"at\":5,\"ids\":[2]}");
	resume(0, 14, 11, mid_of(11)); /* from memory */
	expect_confirmed(0, RECOVERED);
	expect_veil(0, 12, 2);
	expect_events(0, 13, 13);
	expect_veil(0, 14, 2);
	take(1, "{\"at\":5,\"ids\":[3]}");
	resume(1, 14, 8, mid_of(8)); /* from the feeder */
	pass(10);
	for (uint64_t seq = 8; seq <= 14; seq++) {
		p = message(WIRE_FETCHED, seq, seq % 2 == 0 ? 2 : 3);
		follow_fetched(&p);
	}
	end_of_answer(14);
	expect_confirmed(1, RECOVERED);
	for (uint64_t seq = 9; seq <= 14; seq += 2) {
		expect_veil(1, seq, 3);
		expect_events(1, seq + 1, seq + 1);
	}
	silent(1);
}

static void
a_change_works_from_the_next_event_on_on_every_connection(void **state)
{
	(void)state;
	hub_leave(&hub, &c[1]);
	hub_identify(&hub, &c[1], user(0), 100); /* another screen of the first */
	for (unsigned i = 0; i < 3; i++) {
		subscribe(i, HEAD);
		conn_drop(&c[i]);
	}
	said(11, 4);
	change(user(0), 4, true, 6);
	said(12, 4);
	change(user(0), 4, false, 7);
	said(13, 4);
	for (unsigned i = 0; i < 2; i++) {
		expect_events(i, 11, 11);
		expect_veil(i, 12, 4);
		expect_events(i, 13, 13);
	}
	expect_events(2, 11, 13);
	assert_true(c[0].blocked == NULL && c[1].blocked == NULL);
}

/* Changes that were lost are read again; a daemon that has just begun takes them at once. */
static void
a_change_that_was_lost_is_fetched(void **state)
{
	struct wire_packet p = {.op = WIRE_FETCHED,
	    .kind = WIRE_SYSTEM,
	    .seq = 1,
	    .mid = 7001,
	    .user = user(0),
	    .sender = 4,
	    .session = wire_block(6, true),
	    .body = STR("block.changed")};
	struct wire_head head = {.id = 0, .head = 1, .mid = 7001};
	struct wire_packet heads = {
	    .op = WIRE_HEADS, .kind = WIRE_SYSTEM, .body = {(const char *)&head, sizeof(head)}};

	(void)state;
	follow_heads(&heads);
	pass(40);
	follow_fetched(&p);
	tell_head(WIRE_SYSTEM, 0, 1);
	assert_true(c[0].blocked != NULL && blocked_has(&c[0], 4));
	assert_true(c[1].blocked == NULL);
}

/* ---- claims ---- */

/* Subscribes as a client does, with a list from `at`. */
static void
ask(unsigned i, uint64_t at)
{
	char id[CONN_ID_SIZE], data[100];
	struct claim claim = {
	    .user = user(i), .session = 100 + i, .time = clock_wall(), .head = HEAD};
	struct claim_subject s = {
	    .key = str_of(conf.app_key), .secret = STR(SECRET), .channel = STR(CHANNEL)};
	struct buf text;

	conn_socket_id(&c[i], id);
	(void)snprintf(data, sizeof(data),
	    at == 0 ? "{\"user_id\":\"%llu\"}"
		    : "{\"user_id\":\"%llu\",\"blocks\":{\"at\":%llu,\"ids\":[4]}}",
	    (unsigned long long)user(i), (unsigned long long)at);
	s.socket_id = str_of(id);
	s.channel_data = str_of(data);
	buf_init(&text, 10000);
	buf_addstr(&text,
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"" CHANNEL "\",\"auth\":\"");
	claim_sign(&s, &claim, &text);
	buf_addstr(&text, "\",\"channel_data\":\"");
	buf_addjson(&text, data, strlen(data));
	buf_addstr(&text, "\"}}");
	client_receive(&hub, &c[i], (struct str){text.p, text.n});
	buf_finish(&text);
}

static void
a_claim_brings_the_list(void **state)
{
	(void)state;
	ask(0, 6);
	expect_confirmed(0, "\\\"head\\\":10");
	said(11, 4);
	expect_veil(0, 11, 4);
}

static void
a_list_from_before_a_change_is_refused(void **state)
{
	(void)state;
	change(user(0), 4, true, 6);
	ask(0, 5);
	expect(0, "asked for again");
	ask(0, 0); /* does not say: it may be from any time */
	expect(0, "asked for again");
	ask(1, 0);
	expect_confirmed(1, "\\\"head\\\":10");
	ask(0, 6);
	expect_confirmed(0, "\\\"head\\\":10");
	hub_leave(&hub, &c[0]);
	conn_drop(&c[0]);
	play.feeder = false;
	pass(CLAIM_MAX_AGE + 1); /* the memory of it is over, and so is any such claim */
	change(user(2), 4, true, 6);
	ask(0, 0);
	expect_confirmed(0, "\\\"head\\\":10");
}

/* ---- presence ---- */

static void
enter(unsigned i)
{
	char id[24];
	struct who who = {{id, 0}, STR("{}")};
	struct follow_terms t = {
	    .claim = {.user = user(i), .session = 100 + i, .time = 1, .head = HEAD}};

	who.id.n = (size_t)snprintf(id, sizeof(id), "%llu", (unsigned long long)user(i));
	hub_join(&hub, &c[i], STR(CHANNEL), &who, &t);
}

static void
the_blocked_are_not_there_for_the_blocker(void **state)
{
	(void)state;
	take(0, "{\"at\":5,\"ids\":[2]}");
	enter(1);
	expect(1, "\\\"count\\\":1,\\\"ids\\\":[\\\"2\\\"]");
	enter(0);
	expect(0, "\\\"count\\\":1,\\\"ids\\\":[\\\"1\\\"],\\\"hash\\\":{\\\"1\\\":{}}");
	expect(1, "member_added"); /* the other way round nothing changes */
	enter(2);
	expect(0, "{\\\"user_id\\\":\\\"3\\\"");
	expect(1, "{\\\"user_id\\\":\\\"3\\\"");
	expect(2, "\\\"count\\\":3");
	hub_part(&hub, sub_of(1));
	silent(0);
	expect(2, "member_removed");
	enter(1);
	silent(0);
	expect(2, "member_added");
}

static void
who_is_blocked_goes_and_comes_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		enter(i);
	for (unsigned i = 0; i < 3; i++)
		conn_drop(&c[i]);
	change(user(0), 2, true, 6);
	change(user(0), 9, true, 7); /* who is not there anyway */
	expect(0,
	    "member_removed\",\"channel\":\"" CHANNEL "\",\"data\":\"{\\\"user_id\\\":\\\"2\\\"}");
	silent(0);
	change(user(0), 2, false, 8);
	expect(
	    0, "member_added\",\"channel\":\"" CHANNEL "\",\"data\":\"{\\\"user_id\\\":\\\"2\\\"");
	take(0, "{\"at\":9,\"ids\":[3,2]}"); /* a claim may be the first to know */
	expect(0, "member_removed");
	expect(0, "member_removed");
	take(0, "{\"at\":10,\"ids\":[3]}");
	expect(
	    0, "member_added\",\"channel\":\"" CHANNEL "\",\"data\":\"{\\\"user_id\\\":\\\"2\\\"");
	for (unsigned i = 0; i < 3; i++)
		silent(i);
}

static void
what_the_blocked_relay_is_not_heard(void **state)
{
	struct msg *m = msg_create(STR("typing"));

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		enter(i);
	for (unsigned i = 0; i < 3; i++)
		conn_drop(&c[i]);
	take(0, "{\"at\":5,\"ids\":[9,77]}");
	blocked_change(&c[0], user(1), true);
	conn_drop(&c[0]);
	publish_hint(hub_channel(&hub, STR(CHANNEL)), m, &c[1], user(1), 0);
	silent(0);
	silent(1);
	expect(2, "typing");
	publish_hint(hub_channel(&hub, STR(CHANNEL)), m, NULL, 0, 0); /* an application's */
	expect(0, "typing");
	msg_put(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_list_is_what_the_latest_claim_says),
	    TEST(any_json_is_some_list),
	    TEST(changes_keep_the_order),
	    TEST(changes_that_the_claim_knew_end_where_it_was),
	    TEST(the_blocker_alone_gets_placeholders),
	    TEST(a_placeholder_keeps_what_the_log_shows_of_it),
	    TEST(a_change_of_what_was_said_before_is_a_placeholder),
	    TEST(what_was_missed_is_filtered_too),
	    TEST(a_change_works_from_the_next_event_on_on_every_connection),
	    TEST(a_change_that_was_lost_is_fetched),
	    TEST(a_claim_brings_the_list),
	    TEST(a_list_from_before_a_change_is_refused),
	    TEST(the_blocked_are_not_there_for_the_blocker),
	    TEST(who_is_blocked_goes_and_comes_back),
	    TEST(what_the_blocked_relay_is_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
