/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "room.h"

#include "push/wait.h"

#define NEED_AFTER(seq) needed(WIRE_ROOM, ROOM, seq)

/* One who listens since 10 and has heard the events up to `last`. */
static void
follow_up_to(uint64_t last)
{
	subscribe(0, HEAD);
	for (uint64_t seq = HEAD + 1; seq <= last; seq++) {
		event(seq);
		conn_drop(&c[0]);
	}
}

static void
what_was_missed_comes_from_memory(void **state)
{
	(void)state;
	follow_up_to(100);
	resume(1, 100, 50, mid_of(50));
	expect_confirmed(1, "\\\"head\\\":100,\\\"mid\\\":\\\"1000\\\"," RECOVERED);
	expect_events(1, 51, 100);
	silent(1);
	event(101);
	expect_events(1, 101, 101);
	assert_int_equal(play.asked_count, 0);
}

/* Server-Sent Events: where a client goes on whose connection broke in the middle. */
static void
a_confirmation_is_no_further_than_what_was_sent(void **state)
{
	(void)state;
	follow_up_to(100);
	resume(1, 100, 50, mid_of(50));
	assert_int_equal(conn_peek(&c[1])->place.seq, 50);
	assert_int_equal(conn_peek(&c[1])->place.mid, mid_of(50));
	resume(2, 100, 50, mid_of(50) + 1);
	assert_int_equal(conn_peek(&c[2])->place.seq, 100);
	assert_int_equal(conn_peek(&c[2])->place.mid, mid_of(100));
}

static void
who_missed_nothing_gets_nothing(void **state)
{
	(void)state;
	follow_up_to(100);
	resume(1, 100, 100, mid_of(100));
	expect_confirmed(1, "\\\"head\\\":100,\\\"mid\\\":\\\"1000\\\"," RECOVERED);
	silent(1);
	event(101);
	expect_events(1, 101, 101);
}

static void
who_does_not_say_mid_is_believed(void **state)
{
	(void)state;
	follow_up_to(100);
	resume(1, 100, 98, 0);
	expect_confirmed(1, RECOVERED);
	expect_events(1, 99, 100);
}

static void
another_mid_is_another_history(void **state)
{
	(void)state;
	follow_up_to(100);
	resume(1, 100, 98, mid_of(98) + 1);
	expect_confirmed(1, "\\\"head\\\":100,\\\"mid\\\":\\\"1000\\\"," NOT_RECOVERED);
	silent(1);
	event(101);
	expect_events(1, 101, 101);
}

static void
what_memory_lacks_is_fetched(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	follow_up_to(400); /* 145 to 400 are kept */
	resume(1, 400, 100, mid_of(100));
	silent(1);
	pass(10);
	assert_int_equal(NEED_AFTER(99), 1); /* 100, too: is its mid the same? */
	fetched(100, 250);
	event(401);
	silent(1);
	fetched(251, 401);
	end_of_answer(401);
	expect_confirmed(1, "\\\"head\\\":401,\\\"mid\\\":\\\"4010\\\"," RECOVERED);
	expect_events(1, 101, 401);
	silent(1);
	resume(2, 401, 120, mid_of(120)); /* memory is as it was */
	silent(2);
}

static void
one_answer_serves_all_who_wait(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	follow_up_to(400);
	resume(1, 400, 100, mid_of(100));
	resume(2, 400, 50, mid_of(50));
	pass(10);
	resume(3, 400, 80, mid_of(80));
	pass(10);
	assert_int_equal(NEED_AFTER(49), 1);
	assert_int_equal(play.asked_count, 1);
	fetched(50, 400);
	end_of_answer(400);
	for (unsigned i = 1; i < 4; i++)
		expect_confirmed(i, RECOVERED);
	expect_events(1, 101, 400);
	expect_events(2, 51, 400);
	expect_events(3, 81, 400);
}

static void
a_fetched_mid_that_differs_is_another_history(void **state)
{
	(void)state;
	follow_up_to(400);
	resume(1, 400, 100, mid_of(100) + 1);
	pass(10);
	fetched(100, 400);
	end_of_answer(400);
	expect_confirmed(1, "\\\"head\\\":400,\\\"mid\\\":\\\"4000\\\"," NOT_RECOVERED);
	silent(1);
}

static void
a_new_channel_begins_before_what_was_missed(void **state)
{
	(void)state;
	resume(0, 20, 15, mid_of(15));
	silent(0);
	pass(30);
	assert_int_equal(NEED_AFTER(14), 1);
	event(21);
	fetched(15, 20);
	silent(0);
	end_of_answer(20);
	expect_confirmed(0, "\\\"head\\\":21,\\\"mid\\\":\\\"210\\\"," RECOVERED);
	expect_events(0, 16, 21);
	silent(0);
	subscribe(1, 18); /* the events since are known, too */
	expect_confirmed(1, "\\\"head\\\":21,");
}

static void
who_joins_meanwhile_does_not_wait(void **state)
{
	(void)state;
	resume(0, 20, 15, mid_of(15));
	subscribe(1, 20);
	expect_confirmed(1, "\\\"head\\\":20}");
	pass(30);
	fetched(15, 20);
	end_of_answer(20);
	expect_confirmed(0, RECOVERED);
	expect_events(0, 16, 20);
	silent(1);
	event(21);
	expect_events(1, 21, 21);
}

static void
from_the_very_beginning(void **state)
{
	(void)state;
	resume(0, 3, 0, 0);
	pass(30);
	assert_int_equal(NEED_AFTER(0), 1);
	fetched(1, 3);
	end_of_answer(3);
	expect_confirmed(0, "\\\"head\\\":3,\\\"mid\\\":\\\"30\\\"," RECOVERED);
	expect_events(0, 1, 3);
	resume(1, 3, 0, 0);
	expect_confirmed(1, RECOVERED);
	expect_events(1, 1, 3);
	hub_leave(&hub, &c[0]);
	join(2, "presence-room-8", (struct follow_terms){.resume = true});
	expect_confirmed(2, "\\\"head\\\":0," RECOVERED);
}

static void
a_thousand_and_one_are_too_many(void **state)
{
	(void)state;
	resume(0, 1511, 510, mid_of(510)); /* of a new channel */
	expect_confirmed(0, "\\\"head\\\":1511," NOT_RECOVERED);
	event(1512);
	expect_events(0, 1512, 1512);
	resume(1, 1512, 511, mid_of(511)); /* of one that is followed */
	expect_confirmed(1, "\\\"head\\\":1512,\\\"mid\\\":\\\"15120\\\"," NOT_RECOVERED);
	resume(2, 1000000, 511, mid_of(511)); /* by what the claim says */
	expect_confirmed(2, "\\\"head\\\":1000000," NOT_RECOVERED);
	silent(0);
	silent(1);
	assert_int_equal(NEED_AFTER(510) + NEED_AFTER(509), 0);
}

static void
a_thousand_are_not(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	subscribe(0, 1510);
	expect_confirmed(0, "\\\"head\\\":1510}");
	resume(1, 1510, 510, mid_of(510));
	pass(10);
	assert_int_equal(NEED_AFTER(509), 1);
	fetched(510, 1510);
	end_of_answer(1510);
	expect_confirmed(1, RECOVERED);
	expect_events(1, 511, 1510);
	hub_leave(&hub, &c[0]);
	hub_leave(&hub, &c[1]);
	pass(10);
	join(2, "presence-room-8", (struct follow_terms){.claim.head = 1000, .resume = true});
	pass(30);
	assert_int_equal(needed(WIRE_ROOM, 8, 0), 1);
}

static void
those_that_came_while_it_waited_count(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	subscribe(0, 1500);
	resume(1, 1500, 510, mid_of(510));
	pass(10);
	for (uint64_t seq = 1501; seq <= 1511; seq++)
		event(seq);
	expect_confirmed(1, "\\\"head\\\":1511,\\\"mid\\\":\\\"15110\\\"," NOT_RECOVERED);
	silent(1);
	fetched(510, 1511);
	end_of_answer(1511);
	event(1512);
	expect_events(1, 1512, 1512);
	silent(1);
}

static void
who_missed_nothing_needs_no_question_if_the_claim_knows_the_last_event(void **state)
{
	struct follow_terms t = {.claim = {.head = 20, .mid = mid_of(20)},
	    .resume = true,
	    .after = 20,
	    .mid = mid_of(20)};

	(void)state;
	join(0, CHANNEL, t);
	expect_confirmed(0, "\\\"head\\\":20,\\\"mid\\\":\\\"200\\\"," RECOVERED);
	t.mid++;
	join(1, CHANNEL, t);
	expect_confirmed(1, NOT_RECOVERED);
	t.mid--;
	t.claim.mid++; /* a right from another history */
	join(2, CHANNEL, t);
	expect(2, "asked for again");
	assert_int_equal(play.asked_count, 0);
}

static void
an_event_that_only_the_client_knows_is_asked_for(void **state)
{
	(void)state;
	follow_up_to(12);
	resume(1, 12, 14, mid_of(14)); /* it was lost on its way here */
	silent(1);
	pass(30);
	assert_int_equal(NEED_AFTER(11), 1);
	fetched(13, 15);
	end_of_answer(15);
	expect_confirmed(1, "\\\"head\\\":15,\\\"mid\\\":\\\"150\\\"," RECOVERED);
	expect_events(1, 15, 15);
	expect_events(0, 13, 15);
}

static void
an_event_that_is_far_ahead_of_us_is_reached_in_steps(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	follow_up_to(12);
	resume(1, 12, 2000, mid_of(2000));
	pass(30);
	fetched(13, 12 + STREAM_FETCH);
	end_of_answer(2001);
	silent(1);
	pass(30);
	assert_int_equal(NEED_AFTER(11 + STREAM_FETCH), 1);
	fetched(13 + STREAM_FETCH, 2001);
	end_of_answer(2001);
	expect_confirmed(1, RECOVERED);
	expect_events(1, 2001, 2001);
}

static void
an_event_that_there_is_not_is_asked_for_once(void **state)
{
	static const uint64_t afters[] = {14, 1000, (uint64_t)1 << 62, INT64_MAX};

	(void)state;
	follow_up_to(12);
	for (size_t i = 0; i < sizeof(afters) / sizeof(afters[0]); i++) {
		play.asked_count = 0;
		resume(1, 12, afters[i], 1);
		silent(1);
		pass(30);
		assert_int_equal(NEED_AFTER(11), 1);
		end_of_answer(12);
		expect_confirmed(1, "\\\"head\\\":12,\\\"mid\\\":\\\"120\\\"," NOT_RECOVERED);
		pass(300);
		assert_int_equal(NEED_AFTER(11), 1);
		assert_false(hub_channel(&hub, STR(CHANNEL))->follow->busy);
		hub_part(&hub, sub_of(1));
	}
	event(13);
	expect_events(0, 13, 13);
}

static void
without_a_feeder_the_client_reloads(void **state)
{
	(void)state;
	play.feeder = false;
	resume(0, 20, 15, mid_of(15));
	pass(2900);
	silent(0);
	pass(200);
	expect_confirmed(0, "\\\"head\\\":20," NOT_RECOVERED);
	play.feeder = true;
	follow_feeder();
	pass(10);
	fetched(15, 21);
	end_of_answer(21);
	expect_events(0, 21, 21); /* never a part of what was missed */
	silent(0);
}

static void
an_answer_in_time_from_the_next_feeder_will_do(void **state)
{
	(void)state;
	resume(0, 20, 15, mid_of(15));
	pass(30);
	fetched(15, 17);
	play.feeder = false;
	follow_feeder();
	pass(1000);
	silent(0);
	play.feeder = true;
	follow_feeder();
	pass(10);
	fetched(15, 20);
	end_of_answer(20);
	expect_confirmed(0, RECOVERED);
	expect_events(0, 16, 20);
	silent(0);
}

static void
erased_events_can_not_be_given(void **state)
{
	(void)state;
	follow_up_to(400);
	resume(1, 400, 100, mid_of(100));
	pass(10);
	fetched(100, 119);
	fetched(121, 400);
	end_of_answer(400);
	expect_confirmed(1, "\\\"head\\\":400,\\\"mid\\\":\\\"4000\\\"," NOT_RECOVERED);
	silent(1);
	silent(0); /* those who were here missed nothing */
}

static void
a_fork_while_it_waits_sends_it_away(void **state)
{
	struct wire_packet other;

	(void)state;
	follow_up_to(400);
	resume(1, 400, 100, mid_of(100));
	pass(10);
	other = packet(400, 0);
	other.mid++;
	follow_event(&other);
	silent(1);
	pass(10);
	end_of_answer(390);
	assert_int_equal(c[0].closing, 4200);
	assert_int_equal(c[1].closing, 4200);
	silent(0);
	silent(1);
}

/* ---- who may not have all of it */

/* Resumes with a claim that shows nothing up to `from`. */
static void
resume_from(unsigned i, uint64_t head, uint64_t after, uint64_t from)
{
	join(i, CHANNEL,
	    (struct follow_terms){.claim.head = head,
		.claim.from = from,
		.resume = true,
		.after = after,
		.mid = mid_of(after)});
}

static void
who_was_away_too_early_reloads(void **state)
{
	(void)state;
	follow_up_to(100);
	resume_from(1, 100, 98, 99);
	expect_confirmed(1, "\\\"head\\\":100,\\\"mid\\\":\\\"1000\\\"," NOT_RECOVERED);
	silent(1);
	resume_from(2, 100, 99, 99);
	expect_confirmed(2, RECOVERED);
	expect_events(2, 100, 100);
	event(101);
	expect_events(1, 101, 101);
	expect_events(2, 101, 101);
}

/* The head was read before this person came back, the rest after it. */
static void
nothing_comes_of_before_the_return_that_the_claim_knows(void **state)
{
	(void)state;
	follow_up_to(100);
	resume_from(1, 100, 90, 103);
	expect_confirmed(1, "\\\"head\\\":103," NOT_RECOVERED);
	join(2, CHANNEL, (struct follow_terms){.claim.head = 100, .claim.from = 103});
	expect_confirmed(2, "\\\"head\\\":103}");
	for (uint64_t seq = 101; seq <= 104; seq++)
		event(seq);
	expect_events(1, 104, 104);
	expect_events(2, 104, 104);
	silent(1);
	silent(2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_missed_comes_from_memory),
	    TEST(a_confirmation_is_no_further_than_what_was_sent),
	    TEST(who_missed_nothing_gets_nothing),
	    TEST(who_does_not_say_mid_is_believed),
	    TEST(another_mid_is_another_history),
	    TEST(what_memory_lacks_is_fetched),
	    TEST(one_answer_serves_all_who_wait),
	    TEST(a_fetched_mid_that_differs_is_another_history),
	    TEST(a_new_channel_begins_before_what_was_missed),
	    TEST(who_joins_meanwhile_does_not_wait),
	    TEST(from_the_very_beginning),
	    TEST(a_thousand_and_one_are_too_many),
	    TEST(a_thousand_are_not),
	    TEST(those_that_came_while_it_waited_count),
	    TEST(who_missed_nothing_needs_no_question_if_the_claim_knows_the_last_event),
	    TEST(an_event_that_only_the_client_knows_is_asked_for),
	    TEST(an_event_that_is_far_ahead_of_us_is_reached_in_steps),
	    TEST(an_event_that_there_is_not_is_asked_for_once),
	    TEST(without_a_feeder_the_client_reloads),
	    TEST(an_answer_in_time_from_the_next_feeder_will_do),
	    TEST(erased_events_can_not_be_given),
	    TEST(a_fork_while_it_waits_sends_it_away),
	    TEST(who_was_away_too_early_reloads),
	    TEST(nothing_comes_of_before_the_return_that_the_claim_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
