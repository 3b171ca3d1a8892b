/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/codes.h"

#include "loop.h"

#include "room.h"

#include "push/wait.h"

/* Two who listen, confirmed. */
static int
start(void **state)
{
	int rc = room_start(state);

	for (unsigned i = 0; i < 2; i++) {
		subscribe(i, HEAD);
		expect_confirmed(i, "\\\"head\\\":10}");
	}
	return rc;
}

static void
others_being_busy_keeps_nobody_waiting(void **state)
{
	(void)state;
	join(2, "presence-room-8", (struct follow_terms){.claim.head = 0});
	event(12);
	for (uint64_t seq = 1; seq <= 40; seq += 2) {
		struct wire_packet p = packet(seq + 1, 0);

		p.stream = 8;
		follow_event(&p); /* missing, and there: every 8 ms */
		pass(4);
		p.seq = seq;
		p.mid = mid_of(seq);
		follow_event(&p);
		pass(4);
	}
	assert_int_equal(needed(WIRE_ROOM, ROOM, 10), 1);
}

static void
every_stream_has_its_turn_once_a_second(void **state)
{
	(void)state;
	for (unsigned room = 100; room < 145; room++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "presence-room-%u", room);
		join(3, name, (struct follow_terms){.claim.head = room});
	}
	pass(1000);
	for (unsigned room = 100; room < 145; room++)
		assert_int_equal(heads_asked(WIRE_ROOM, room, room), 1);
	assert_int_equal(heads_asked(WIRE_ROOM, ROOM, HEAD), 1);
}

static void
a_silent_channel_tells_its_head_now_and_then(void **state)
{
	(void)state;
	pass(20000);
	play.asked_count = 0;
	event(11);
	expect_events(0, 11, 11);
	pass(20000);
	play.asked_count = 0;
	silent(0);
	pass(11500);
	assert_string_equal(next_text(&c[0]),
	    "{\"event\":\"maru:head\",\"channel\":\"" CHANNEL "\",\"data\":\""
	    "{\\\"head\\\":11,\\\"mid\\\":\\\"110\\\"}\"}");
	silent(0);
}

static void
a_channel_that_nobody_listens_to_is_given_up_after_a_minute(void **state)
{
	(void)state;
	hub_leave(&hub, &c[0]);
	hub_leave(&hub, &c[1]);
	for (unsigned i = 0; i < 58; i++) {
		pass(1000);
		play.asked_count = 0;
	}
	assert_non_null(hub_channel(&hub, STR(CHANNEL)));
	event(11); /* is still kept for those who reload */
	resume(2, 11, 10, mid_of(10));
	pass(10);
	fetched(10, 11);
	end_of_answer(11);
	expect_confirmed(2, "\\\"head\\\":11,\\\"mid\\\":\\\"110\\\"," RECOVERED);
	expect_events(2, 11, 11);
	hub_leave(&hub, &c[2]);
	for (unsigned i = 0; i < 62; i++) {
		pass(1000);
		play.asked_count = 0;
	}
	assert_null(hub_channel(&hub, STR(CHANNEL)));
	assert_non_null(hub_channel(&hub, STR("lobby")));
	assert_non_null(hub_channel(&hub, STR("#system")));
	event(12); /* nobody's */
}

/* How far back the room's events are kept. */
static uint64_t
kept_from(void)
{
	const struct stream *s = &hub_channel(&hub, STR(CHANNEL))->follow->stream;
	uint64_t seq = s->last;

	while (seq > 0 && stream_at(s, seq) != NULL)
		seq--;
	return seq;
}

static void
so_many_events_are_kept_and_fewer_if_memory_is_short(void **state)
{
	(void)state;
	hub_leave(&hub, &c[1]);
	for (uint64_t seq = 11; seq <= 1000; seq++) {
		event(seq);
		expect_events(0, seq, seq);
	}
	assert_int_equal(kept_from(), 1000 - STREAM_KEEP);
	conf.push_history_bytes = 100;
	event(1001);
	assert_int_equal(kept_from(), 1001 - STREAM_KEEP / 16);
	hub_leave(&hub, &c[0]);
}

/* ---- sessions */

static struct wire_packet
session_end(uint64_t seq, uint64_t whose, uint64_t session)
{
	return (struct wire_packet){.op = WIRE_EVENT,
	    .kind = WIRE_SYSTEM,
	    .seq = seq,
	    .mid = mid_of(seq),
	    .user = whose,
	    .session = session,
	    .channel = STR("#system"),
	    .body = STR("x")};
}

static void
sessions_end_in_order_and_even_if_nobody_said_so(void **state)
{
	struct wire_packet first = session_end(1, user(0), 100),
			   second = session_end(2, user(1), 101);

	(void)state;
	follow_event(&second);
	assert_int_equal(c[1].closing, 0);
	pass(30);
	assert_int_equal(needed(WIRE_SYSTEM, 0, 0), 1);
	first.op = second.op = WIRE_FETCHED;
	follow_fetched(&first);
	follow_fetched(&second);
	tell_head(WIRE_SYSTEM, 0, 2);
	assert_int_equal(c[0].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[1].closing, CODE_UNAUTHORIZED);
	assert_int_equal(c[2].closing, 0);
}

static void
sessions_that_ended_before_the_start_are_read_again(void **state)
{
	struct claim claim = {.user = 9, .session = 900, .time = 1, .head = 5};
	struct wire_packet p = session_end(1500, 9, 900);

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		hub_leave(&hub, &c[i]);
	loop_stop();
	loop_start(&conf, &hub, 0, 1500);
	pass(30);
	assert_int_equal(needed(WIRE_SYSTEM, 0, 500), 1);
	p.op = WIRE_FETCHED;
	for (p.seq = 501; p.seq <= 1500; p.seq++)
		follow_fetched(&p);
	tell_head(WIRE_SYSTEM, 0, 1500);
	assert_true(revoked_covers(&hub.revoked, &claim, STR("private-user-9")));
	claim.session = 901;
	assert_false(revoked_covers(&hub.revoked, &claim, STR("private-user-9")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(others_being_busy_keeps_nobody_waiting),
	    TEST(every_stream_has_its_turn_once_a_second),
	    TEST(a_silent_channel_tells_its_head_now_and_then),
	    TEST(a_channel_that_nobody_listens_to_is_given_up_after_a_minute),
	    TEST(so_many_events_are_kept_and_fewer_if_memory_is_short),
	    TEST(sessions_end_in_order_and_even_if_nobody_said_so),
	    TEST(sessions_that_ended_before_the_start_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
