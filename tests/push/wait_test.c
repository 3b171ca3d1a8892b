/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "room.h"

#include "push/client.h"
#include "push/publish.h"
#include "push/wait.h"

#define NEED_AFTER(seq) needed(WIRE_ROOM, ROOM, seq)

/* One who listens since 10 and has heard the events up to `last`. */
static void
follow_up_to(uint64_t last)
{
	subscribe(0, HEAD);
	for (uint64_t seq = HEAD + 1; seq <= last; seq++)
		event(seq);
	conn_drop(&c[0]);
}

/* ---- subscribing */

static void
a_new_channel_begins_where_the_claim_says(void **state)
{
	(void)state;
	subscribe(0, 20);
	expect_confirmed(0, "\\\"head\\\":20}");
	event(19); /* on its way since before */
	event(20);
	silent(0);
	event(21);
	expect_events(0, 21, 21);
	pass(500);
	assert_int_equal(play.asked_count - NEED_AFTER(20), play.asked_count);
}

static void
an_empty_stream_is_one_too(void **state)
{
	(void)state;
	subscribe(0, 0);
	expect_confirmed(0, "\\\"head\\\":0}");
	event(1);
	expect_events(0, 1, 1);
}

static void
a_claim_from_further_on_gets_only_what_comes_after_it(void **state)
{
	(void)state;
	subscribe(0, 10);
	conn_drop(&c[0]);
	subscribe(1, 12); /* 11 and 12 did not come here yet */
	expect_confirmed(1, "\\\"head\\\":12}");
	event(11);
	event(12);
	event(13);
	expect_events(0, 11, 13);
	expect_events(1, 13, 13);
	silent(1);
}

static void
a_claim_from_before_is_told_the_head(void **state)
{
	(void)state;
	follow_up_to(15);
	subscribe(1, 12);
	expect_confirmed(1, "\\\"head\\\":15,\\\"mid\\\":\\\"150\\\"}");
	event(16);
	expect_events(1, 16, 16);
}

static void
the_lobby_needs_no_claim(void **state)
{
	(void)state;
	hub_join(&hub, &c[0], STR("lobby"), NULL, &(struct follow_terms){0});
	expect_confirmed(0, "\\\"head\\\":40}");
	hub_join(&hub, &c[1], STR("lobby"), NULL,
	    &(struct follow_terms){.resume = true, .after = 39, .mid = 390});
	silent(1);
	pass(10);
	assert_int_equal(needed(WIRE_LOBBY, 0, 38), 1);
	tell_event(WIRE_LOBBY, 0, 39, 390, "e39");
	tell_event(WIRE_LOBBY, 0, 40, 400, "e40");
	tell_head(WIRE_LOBBY, 0, 40);
	expect_confirmed(1, "\\\"head\\\":40,\\\"mid\\\":\\\"400\\\"," RECOVERED);
	expect_events(1, 40, 40);
	silent(1);
}

static void
the_lobby_whose_head_nobody_knows_is_confirmed_late_and_reset(void **state)
{
	(void)state;
	loop_stop();
	play.feeder = false;
	follow_start(&conf, (struct ev_loop *)&play, &hub);
	hub_join(&hub, &c[0], STR("lobby"), NULL, &(struct follow_terms){0});
	pass(2900);
	silent(0);
	pass(200);
	expect_confirmed(0, "\\\"head\\\":0}");
	play.feeder = true;
	follow_feeder();
	pass(10);
	tell_head(WIRE_LOBBY, 0, LOBBY_AT);
	expect(0, "\"maru:reset\",\"channel\":\"lobby\",\"data\":\"{\\\"head\\\":40}\"}");
	silent(0);
}

/* ---- the right, where removals may have happened that did not come through here */

static void
an_old_claim_waits_for_what_it_did_not_see(void **state)
{
	(void)state;
	subscribe(0, 20);
	conn_drop(&c[0]);
	subscribe(1, 15); /* was this person removed by one of 16 to 20? */
	silent(1);
	pass(10);
	assert_int_equal(NEED_AFTER(15), 1);
	fetched_removing(16, user(2)); /* somebody else */
	fetched(17, 20);
	silent(1);
	end_of_answer(20);
	expect_confirmed(1, "\\\"head\\\":20,\\\"mid\\\":\\\"200\\\"}");
	silent(1);
	subscribe(3, 17); /* now it is known */
	expect_confirmed(3, "\\\"head\\\":20,");
	assert_int_equal(NEED_AFTER(17), 0);
}

static void
an_old_claim_of_somebody_who_was_removed_is_refused(void **state)
{
	static const uint64_t whom[] = {2, WIRE_EVERYBODY};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		subscribe(0, 20);
		conn_drop(&c[0]);
		subscribe(1, 15);
		pass(10);
		fetched(16, 17);
		fetched_removing(18, whom[i]);
		fetched(19, 20);
		end_of_answer(20);
		expect(1, "AuthError");
		silent(1);
		assert_null(sub_of(1));
		subscribe(1, 17);
		expect(1, "AuthError");
		subscribe(1, 18); /* when the removal was known */
		expect_confirmed(1, "\\\"head\\\":20,");
		hub_leave(&hub, &c[0]);
		hub_leave(&hub, &c[1]);
		loop_stop();
		loop_start(&conf, &hub, LOBBY_AT, 0);
		hub_identify(&hub, &c[0], user(0), 100);
		hub_identify(&hub, &c[1], user(1), 101);
	}
}

static void
an_old_claim_that_nobody_can_answer_for_is_refused(void **state)
{
	(void)state;
	play.feeder = false;
	subscribe(0, 20);
	conn_drop(&c[0]);
	subscribe(1, 15);
	pass(2900);
	silent(1);
	pass(200);
	expect(1, "has to be asked for again");
	silent(1);
	assert_null(sub_of(1));
	subscribe(1, 20);
	expect_confirmed(1, "\\\"head\\\":20}");
}

static void
a_claim_from_too_far_back_is_refused_after_one_question(void **state)
{
	(void)state;
	subscribe(0, 5000);
	conn_drop(&c[0]);
	subscribe(1, 100);
	pass(10);
	fetched(101, 100 + STREAM_FETCH); /* more does not fit into an answer */
	end_of_answer(5000);
	pass(200);
	assert_int_equal(NEED_AFTER(100), 1);
	expect(1, "has to be asked for again");
	assert_null(sub_of(1));
}

static void
who_needs_less_is_served_although_another_needs_too_much(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	subscribe(0, 5000);
	conn_drop(&c[0]);
	subscribe(1, 100);
	resume(2, 5000, 4500, mid_of(4500));
	subscribe(3, 4990);
	pass(10);
	fetched(101, 100 + STREAM_FETCH);
	end_of_answer(5000);
	expect(1, "has to be asked for again");
	silent(2);
	silent(3);
	pass(10);
	assert_int_equal(NEED_AFTER(4499), 1);
	fetched(4500, 5000);
	end_of_answer(5000);
	expect_confirmed(2, RECOVERED);
	expect_events(2, 4501, 5000);
	expect_confirmed(3, "\\\"head\\\":5000,");
}

static void
a_claim_whose_past_was_erased_is_refused(void **state)
{
	(void)state;
	subscribe(0, 20);
	subscribe(1, 15);
	pass(10);
	fetched(19, 20);
	end_of_answer(20);
	expect(1, "AuthError");
	assert_null(sub_of(1));
}

/* Whoever was refused may not come in by trying again, nor after somebody else made us look. */
static void
what_was_looked_up_once_is_remembered(void **state)
{
	(void)state;
	subscribe(0, 20);
	conn_drop(&c[0]);
	subscribe(2, 15);
	pass(10);
	fetched_removing(16, user(3));
	fetched_removing(17, user(1));
	fetched(18, 20);
	end_of_answer(20);
	expect_confirmed(2, "\\\"head\\\":20,");
	for (uint64_t seq = 21; seq <= 700; seq++) {
		event(seq); /* memory no longer reaches back to 17 */
		conn_drop(&c[0]);
		conn_drop(&c[2]);
	}
	for (unsigned i = 0; i < 3; i++) {
		subscribe(1, 15 + i % 2);
		pass(10);
		expect(1, "AuthError");
		assert_null(sub_of(1));
	}
	subscribe(3, 15);
	expect(3, "AuthError");
	assert_int_equal(play.asked_count, 1);
}

/* ---- removals */

static void
a_removal_is_the_last_that_is_heard(void **state)
{
	(void)state;
	subscribe(0, HEAD);
	subscribe(1, HEAD);
	conn_drop(&c[0]);
	conn_drop(&c[1]);
	event(13);
	event_removing(12, user(1));
	event(11);
	expect_events(1, 11, 12);
	expect(1, "maru:unsubscribed");
	silent(1);
	expect_events(0, 11, 13);
	assert_null(sub_of(1));
	subscribe(1, 11);
	expect(1, "AuthError");
	subscribe(1, 12);
	expect_confirmed(1, "\\\"head\\\":13,");
	event(14);
	expect_events(1, 14, 14);
}

static void
a_removal_that_had_to_be_fetched_counts_as_well(void **state)
{
	(void)state;
	subscribe(1, HEAD);
	conn_drop(&c[1]);
	event(13);
	pass(30);
	fetched(11, 11);
	fetched_removing(12, user(1));
	fetched(13, 13);
	end_of_answer(13);
	expect_events(1, 11, 12);
	expect(1, "maru:unsubscribed");
	silent(1);
}

static void
everybody_is_removed_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++)
		subscribe(i, HEAD);
	for (unsigned i = 0; i < N; i++)
		conn_drop(&c[i]);
	event_removing(11, WIRE_EVERYBODY);
	event(12);
	for (unsigned i = 0; i < N; i++) {
		expect_events(i, 11, 11);
		expect(i, "maru:unsubscribed");
		silent(i);
		assert_null(c[i].subs);
		subscribe(i, HEAD);
		expect(i, "AuthError");
	}
}

static void
who_was_let_in_after_a_removal_is_not_removed_by_it(void **state)
{
	(void)state;
	subscribe(0, HEAD);
	subscribe(1, 12); /* removed by 11, back with 12 */
	resume(2, 12, 10, 0);
	conn_drop(&c[0]);
	conn_drop(&c[1]);
	pass(10);
	silent(2);
	event_removing(11, user(1));
	event_removing(12, user(2)); /* and this one with 12 itself */
	event(13);
	expect_events(1, 13, 13);
	silent(1);
	assert_non_null(sub_of(1));
}

static void
who_resumes_is_not_removed_by_what_the_claim_knew(void **state)
{
	(void)state;
	follow_up_to(11);
	resume(1, 13, 11, mid_of(11)); /* removed by 12, back with 13; neither came here */
	silent(1);
	pass(30);
	fetched(11, 11);
	fetched_removing(12, user(1));
	fetched(13, 13);
	end_of_answer(13);
	expect_confirmed(1, "\\\"head\\\":13,\\\"mid\\\":\\\"130\\\"," RECOVERED);
	expect_events(1, 12, 13);
	silent(1);
	event(14);
	expect_events(1, 14, 14);
	silent(1);
}

static void
a_removal_while_nobody_listens_is_remembered(void **state)
{
	(void)state;
	event_removing(11, user(1));
	subscribe(1, 10);
	expect(1, "AuthError");
	assert_null(sub_of(1));
	subscribe(2, 10);
	expect_confirmed(2, "\\\"head\\\":10}");
	subscribe(1, 11);
	expect_confirmed(1, "\\\"head\\\":11}");
}

static void
who_waits_and_is_removed_meanwhile_is_refused(void **state)
{
	(void)state;
	follow_up_to(20);
	stream_trim(&hub_channel(&hub, STR(CHANNEL))->follow->stream, 0);
	resume(1, 20, 15, mid_of(15));
	pass(10);
	silent(1);
	event_removing(21, user(1));
	silent(1);
	fetched(15, 20);
	end_of_answer(20);
	expect(1, "The right to subscribe was taken back");
	silent(1);
	assert_null(sub_of(1));
}

/* ---- waiting */

static void
who_waits_hears_nothing(void **state)
{
	(void)state;
	follow_up_to(20);
	stream_trim(&hub_channel(&hub, STR(CHANNEL))->follow->stream, 0);
	resume(1, 20, 15, mid_of(15));
	pass(10);
	publish_text(&hub, STR(CHANNEL), STR("signal"), NULL);
	expect(0, "signal");
	event(21);
	expect_events(0, 21, 21);
	silent(1);
	client_receive(
	    &hub, &c[1], STR("{\"event\":\"client-x\",\"channel\":\"" CHANNEL "\",\"data\":{}}"));
	expect(1, "need a subscription"); /* nor does it say anything to the others */
	silent(0);
	fetched(15, 21);
	end_of_answer(21);
	expect_confirmed(1, "\\\"head\\\":21,\\\"mid\\\":\\\"210\\\"," RECOVERED);
	expect_events(1, 16, 21);
	silent(1);
	publish_text(&hub, STR(CHANNEL), STR("signal"), NULL);
	expect(1, "signal");
}

static void
who_waits_may_leave(void **state)
{
	(void)state;
	follow_up_to(20);
	stream_trim(&hub_channel(&hub, STR(CHANNEL))->follow->stream, 0);
	for (unsigned i = 1; i < N; i++)
		resume(i, 20, 15, mid_of(15));
	pass(10);
	assert_int_equal(NEED_AFTER(14), 1); /* one question for all */
	hub_leave(&hub, &c[1]);
	hub_part(&hub, sub_of(3));
	fetched(15, 20);
	end_of_answer(20);
	silent(1);
	silent(3);
	expect_confirmed(2, RECOVERED);
	expect_events(2, 16, 20);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_channel_begins_where_the_claim_says),
	    TEST(an_empty_stream_is_one_too),
	    TEST(a_claim_from_further_on_gets_only_what_comes_after_it),
	    TEST(a_claim_from_before_is_told_the_head),
	    TEST(the_lobby_needs_no_claim),
	    TEST(the_lobby_whose_head_nobody_knows_is_confirmed_late_and_reset),
	    TEST(an_old_claim_waits_for_what_it_did_not_see),
	    TEST(an_old_claim_of_somebody_who_was_removed_is_refused),
	    TEST(an_old_claim_that_nobody_can_answer_for_is_refused),
	    TEST(a_claim_from_too_far_back_is_refused_after_one_question),
	    TEST(who_needs_less_is_served_although_another_needs_too_much),
	    TEST(a_claim_whose_past_was_erased_is_refused),
	    TEST(what_was_looked_up_once_is_remembered),
	    TEST(a_removal_is_the_last_that_is_heard),
	    TEST(a_removal_that_had_to_be_fetched_counts_as_well),
	    TEST(everybody_is_removed_at_once),
	    TEST(who_was_let_in_after_a_removal_is_not_removed_by_it),
	    TEST(who_resumes_is_not_removed_by_what_the_claim_knew),
	    TEST(a_removal_while_nobody_listens_is_remembered),
	    TEST(who_waits_and_is_removed_meanwhile_is_refused),
	    TEST(who_waits_hears_nothing),
	    TEST(who_waits_may_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
