/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "loop.h"

#include "room.h"

/* What is missing is asked for together with the last event before it. */
#define NEED_AFTER(seq) needed(WIRE_ROOM, ROOM, seq)

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
events_in_order_are_delivered_at_once(void **state)
{
	(void)state;
	for (uint64_t seq = 11; seq <= 600; seq++) {
		event(seq);
		for (unsigned i = 0; i < 2; i++) {
			expect_events(i, seq, seq);
			silent(i);
		}
	}
	pass(100);
	assert_int_equal(NEED_AFTER(599), 0);
	silent(2);
}

static void
doubled_and_late_ones_are_not_delivered_again(void **state)
{
	(void)state;
	for (uint64_t seq = 11; seq <= 13; seq++)
		event(seq);
	for (uint64_t seq = 8; seq <= 13; seq++)
		event(seq);
	expect_events(0, 11, 13);
	silent(0);
	pass(100);
	silent(0);
}

static void
two_that_overtook_each_other_are_put_in_order(void **state)
{
	(void)state;
	event(12);
	event(13);
	pass(15);
	silent(0);
	event(11);
	expect_events(0, 11, 13);
	silent(0);
	pass(100);
	assert_int_equal(NEED_AFTER(10), 0); /* nobody had to be asked */
}

static void
what_is_missing_is_asked_for_and_filled_in(void **state)
{
	const struct wire_packet *q;

	(void)state;
	event(13);
	pass(19);
	assert_int_equal(NEED_AFTER(10), 0);
	pass(20);
	assert_int_equal(NEED_AFTER(10), 1);
	q = question(WIRE_ROOM, ROOM);
	assert_int_equal(q->user, STREAM_FETCH);
	assert_int_equal(q->mid, 10); /* the last that was given out */
	fetched(11, 12);
	silent(0); /* not before the answer is complete */
	fetched(13, 14);
	end_of_answer(14);
	for (unsigned i = 0; i < 2; i++) {
		expect_events(i, 11, 14);
		silent(i);
	}
	event(15);
	expect_events(0, 15, 15);
	pass(500);
	assert_int_equal(NEED_AFTER(10) + NEED_AFTER(13) + NEED_AFTER(14), 1);
}

static void
events_that_come_while_the_answer_comes_are_not_doubled(void **state)
{
	(void)state;
	event(13);
	pass(30);
	fetched(11, 12);
	event(11);
	event(14);
	expect_events(0, 11, 11);
	fetched(13, 15);
	event(12);
	expect_events(0, 12, 14);
	end_of_answer(15);
	expect_events(0, 15, 15);
	event(15);
	event(16);
	expect_events(0, 16, 16);
	silent(0);
}

static void
an_answer_that_is_full_is_followed_by_the_next_question(void **state)
{
	(void)state;
	conf.push_queue_events = 65536;
	event(2000);
	pass(30);
	fetched(11, 10 + STREAM_FETCH);
	end_of_answer(2000);
	expect_events(0, 11, 10 + STREAM_FETCH);
	pass(30);
	assert_int_equal(NEED_AFTER(9 + STREAM_FETCH), 1);
	fetched(11 + STREAM_FETCH, 2000);
	end_of_answer(2000);
	expect_events(0, 11 + STREAM_FETCH, 2000);
	silent(0);
}

static void
an_open_question_is_asked_again(void **state)
{
	(void)state;
	event(12);
	pass(1900);
	assert_int_equal(NEED_AFTER(10), 1);
	pass(300);
	assert_int_equal(NEED_AFTER(10), 2);
	fetched(11, 12); /* the first answer, late */
	end_of_answer(12);
	expect_events(0, 11, 12);
	fetched(11, 13); /* and the second */
	end_of_answer(13);
	silent(0);
	event(13);
	expect_events(0, 13, 13);
	silent(0);
}

/* A feeder that is behind takes no question for a while, and then the same one again, while its
 * first answer is coming in. */
static void
an_answer_whose_beginning_nobody_wanted_is_not_taken_for_whole(void **state)
{
	(void)state;
	event(13);
	pass(30);
	play.feeder = false;
	pass(2100); /* the question is given up */
	fetched_removing(11, user(0));
	play.feeder = true;
	pass(20);
	assert_int_equal(NEED_AFTER(10), 2);
	fetched(12, 13);
	end_of_answer(13);
	silent(0);
	fetched_removing(11, user(0));
	fetched(12, 13);
	end_of_answer(13);
	expect_events(0, 11, 11);
	expect(0, "maru:unsubscribed");
	silent(0);
}

/* Another feeder begins anew what the one before did not end. */
static void
an_answer_that_broke_off_is_not_part_of_the_next(void **state)
{
	(void)state;
	event(13);
	pass(30);
	play.feeder = false;
	pass(2100);
	fetched(11, 11);
	follow_feeder();
	play.feeder = true;
	pass(20);
	fetched(11, 13);
	end_of_answer(13);
	expect_events(0, 11, 13);
	silent(0);
}

static void
an_answer_to_an_earlier_question_is_not_taken_for_that_to_a_later_one(void **state)
{
	struct wire_packet late = {
	    .op = WIRE_HEAD, .kind = WIRE_ROOM, .stream = ROOM, .seq = 12, .user = 10, .mid = 10};

	(void)state;
	event(12);
	pass(30);
	event(11); /* comes after all */
	expect_events(0, 11, 12);
	pass(2100); /* the question is given up */
	event(15);
	pass(30);
	assert_int_equal(NEED_AFTER(11), 1);
	fetched(11, 12);
	follow_head(&late);
	silent(0);
	fetched(13, 15);
	end_of_answer(15);
	expect_events(0, 13, 15);
	silent(0);
}

static void
without_a_feeder_they_wait_for_the_next_one(void **state)
{
	(void)state;
	play.feeder = false;
	follow_feeder();
	event(12);
	pass(5000);
	silent(0);
	event(13);
	play.feeder = true;
	follow_feeder();
	pass(10);
	assert_int_equal(NEED_AFTER(10), 1);
	fetched(11, 13);
	end_of_answer(13);
	expect_events(0, 11, 13);
	silent(0);
}

static void
half_an_answer_of_a_feeder_that_died_is_forgotten(void **state)
{
	(void)state;
	event(14);
	pass(30);
	fetched(11, 12);
	follow_feeder(); /* another one is there */
	pass(10);
	assert_int_equal(NEED_AFTER(10), 2);
	fetched(11, 14);
	end_of_answer(14);
	expect_events(0, 11, 14);
	silent(0);
}

/* The feeder's answer to the questions for heads. */
static void
tell_heads(uint64_t last, uint64_t head)
{
	struct wire_head h = {.id = ROOM, .last = last, .head = head};
	struct wire_packet p = {
	    .op = WIRE_HEADS, .kind = WIRE_ROOM, .body = {(const char *)&h, sizeof(h)}};

	follow_heads(&p);
}

static void
the_last_event_is_missed_within_a_second(void **state)
{
	(void)state;
	event(11);
	pass(1000);
	assert_true(heads_asked(WIRE_ROOM, ROOM, 11) >= 1);
	assert_true(heads_asked(WIRE_LOBBY, 0, LOBBY_AT) >= 1);
	assert_true(heads_asked(WIRE_SYSTEM, 0, 0) >= 1);
	tell_heads(11, 11);
	pass(100);
	assert_int_equal(NEED_AFTER(10), 0);
	tell_heads(11, 13); /* two were lost */
	pass(30);
	assert_int_equal(NEED_AFTER(10), 1);
	fetched(12, 13);
	end_of_answer(13);
	expect_events(0, 11, 13);
	silent(0);
}

static void
heads_of_strangers_and_broken_lists_are_nothing(void **state)
{
	struct wire_head h = {.id = 99, .head = 5};
	struct wire_packet p = {.op = WIRE_HEADS, .kind = WIRE_ROOM, .body = {(const char *)&h, 9}};

	(void)state;
	follow_heads(&p);
	p.body.n = sizeof(h);
	follow_heads(&p);
	fetched_removing(11, 0); /* nobody asked */
	follow_head(&(struct wire_packet){.kind = WIRE_ROOM, .stream = ROOM, .seq = 50});
	follow_head(&(struct wire_packet){.kind = WIRE_USER, .stream = 99, .seq = 50});
	pass(100);
	silent(0);
	event(11);
	expect_events(0, 11, 11);
	silent(0);
}

/* ---- another history */

static void
expect_reset(unsigned i, const char *head)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
	    "{\"event\":\"maru:reset\",\"channel\":\"" CHANNEL "\",\"data\":\"{\\\"head\\\":%s}\"}",
	    head);
	assert_string_equal(next_text(&c[i]), text);
}

/* After a fork: where is the stream now? In another history others may be members, so everybody has
 * to come back with a new claim, and older claims are void. */
static void
expect_a_new_start(uint64_t head)
{
	pass(10);
	assert_int_equal(NEED_AFTER(UINT64_MAX >> 1), 1);
	assert_int_equal(c[0].closing, 0);
	end_of_answer(head);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(c[i].closing, 4200);
		silent(i);
	}
	assert_true(hub.revoked.floor > 0);
	event(head + 1);
	silent(0);
}

static void
a_head_below_what_was_delivered_makes_subscribers_reload(void **state)
{
	(void)state;
	event(11);
	event(12);
	expect_events(0, 11, 12);
	expect_events(1, 11, 12);
	tell_heads(11, 11); /* asked before 12 was delivered, read before it was there */
	pass(100);
	silent(0);
	tell_heads(12, 11);
	expect_a_new_start(11);
}

static void
another_event_in_the_same_place_makes_subscribers_reload(void **state)
{
	struct wire_packet p = packet(12, 0);

	(void)state;
	event(11);
	event(12);
	expect_events(0, 11, 12);
	expect_events(1, 11, 12);
	p.mid++;
	p.body = STR("other");
	follow_event(&p);
	silent(0);
	event(13); /* whose history is it of? */
	silent(0);
	expect_a_new_start(13);
}

static void
an_event_that_follows_another_one_makes_subscribers_reload(void **state)
{
	struct wire_packet p;

	(void)state;
	event(11);
	expect_events(0, 11, 11);
	expect_events(1, 11, 11);
	p = packet(12, 0);
	p.prev = mid_of(11);
	follow_event(&p);
	expect_events(0, 12, 12);
	expect_events(1, 12, 12);
	p = packet(14, 0);
	p.prev = mid_of(13);
	follow_event(&p);
	p = packet(13, 0);
	p.prev =
	    mid_of(12) + 1; /* the 12 that was delivered is lost, and nobody told of the new one */
	follow_event(&p);
	silent(0);
	expect_a_new_start(14);
}

static void
a_head_that_is_another_event_makes_subscribers_reload(void **state)
{
	struct wire_head h = {.id = ROOM, .last = 11, .head = 11, .mid = mid_of(11)};
	struct wire_packet p = {
	    .op = WIRE_HEADS, .kind = WIRE_ROOM, .body = {(const char *)&h, sizeof(h)}};

	(void)state;
	event(11);
	expect_events(0, 11, 11);
	expect_events(1, 11, 11);
	follow_heads(&p);
	h.mid = 0; /* not known */
	follow_heads(&p);
	silent(0);
	h.mid = mid_of(11) + 1;
	follow_heads(&p);
	expect_a_new_start(11);
}

static void
an_answer_with_another_last_event_makes_subscribers_reload(void **state)
{
	struct wire_packet p = packet(11, 0);

	(void)state;
	event(11);
	expect_events(0, 11, 11);
	expect_events(1, 11, 11);
	event(13);
	pass(30);
	p.op = WIRE_FETCHED;
	p.mid++;
	follow_fetched(&p);
	fetched(12, 13);
	end_of_answer(13);
	silent(0);
	expect_a_new_start(13);
}

static void
an_answer_of_another_history_makes_subscribers_reload(void **state)
{
	struct wire_packet p = packet(13, 0);

	(void)state;
	event(13);
	pass(30);
	p.op = WIRE_FETCHED;
	p.mid++;
	fetched(11, 12);
	follow_fetched(&p);
	end_of_answer(13);
	pass(10);
	assert_int_equal(NEED_AFTER(UINT64_MAX >> 1), 1);
	expect_a_new_start(9);
}

static void
erased_events_make_subscribers_reload_and_go_on(void **state)
{
	(void)state;
	event(11);
	event(20);
	pass(30);
	fetched(14, 15); /* 12 and 13 are gone, and so are 16 to 19 */
	fetched(20, 21);
	end_of_answer(22); /* 22, too */
	expect_events(0, 11, 11);
	expect_reset(0, "13");
	expect_events(0, 14, 15);
	expect_reset(0, "19");
	expect_events(0, 20, 21);
	expect_reset(0, "22");
	silent(0);
	event(23);
	expect_events(0, 23, 23);
	pass(500);
	silent(0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(events_in_order_are_delivered_at_once),
	    TEST(doubled_and_late_ones_are_not_delivered_again),
	    TEST(two_that_overtook_each_other_are_put_in_order),
	    TEST(what_is_missing_is_asked_for_and_filled_in),
	    TEST(events_that_come_while_the_answer_comes_are_not_doubled),
	    TEST(an_answer_that_is_full_is_followed_by_the_next_question),
	    TEST(an_open_question_is_asked_again),
	    TEST(an_answer_whose_beginning_nobody_wanted_is_not_taken_for_whole),
	    TEST(an_answer_that_broke_off_is_not_part_of_the_next),
	    TEST(an_answer_to_an_earlier_question_is_not_taken_for_that_to_a_later_one),
	    TEST(without_a_feeder_they_wait_for_the_next_one),
	    TEST(half_an_answer_of_a_feeder_that_died_is_forgotten),
	    TEST(the_last_event_is_missed_within_a_second),
	    TEST(heads_of_strangers_and_broken_lists_are_nothing),
	    TEST(a_head_below_what_was_delivered_makes_subscribers_reload),
	    TEST(another_event_in_the_same_place_makes_subscribers_reload),
	    TEST(an_event_that_follows_another_one_makes_subscribers_reload),
	    TEST(a_head_that_is_another_event_makes_subscribers_reload),
	    TEST(an_answer_with_another_last_event_makes_subscribers_reload),
	    TEST(an_answer_of_another_history_makes_subscribers_reload),
	    TEST(erased_events_make_subscribers_reload_and_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
