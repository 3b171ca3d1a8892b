/* SPDX-License-Identifier: MIT */
#include "push/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HELD 1024 /* as stream.c has it */

static struct stream s;

/* The mid that the event with this seq has in this history. */
static uint64_t
mid_of(uint64_t seq, unsigned history)
{
	return seq * 1000 + history;
}

/* Gives an event to put or collect; the message is the stream's alone afterwards. */
static enum stream_result
hand_over(uint64_t seq, unsigned history, bool collect)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)seq);
	struct stream_event e = {.seq = seq, .mid = mid_of(seq, history)};
	enum stream_result result = STREAM_TAKEN;

	e.msg = msg_create((struct str){text, (size_t)n});
	if (collect)
		stream_collect(&s, &e);
	else
		result = stream_put(&s, &e);
	msg_put(e.msg);
	return result;
}

static enum stream_result
put(uint64_t seq)
{
	return hand_over(seq, 1, false);
}

static void
collect(uint64_t first, uint64_t last)
{
	for (uint64_t seq = first; seq <= last; seq++)
		(void)hand_over(seq, 1, true);
}

/* The next event must be this one, with its message. */
static void
expect(uint64_t seq)
{
	const struct stream_event *e = stream_next(&s);
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)seq);

	assert_non_null(e);
	assert_int_equal(e->seq, seq);
	assert_true(e->mid == mid_of(seq, 1));
	assert_int_equal(e->msg->size, 2 + n);
	assert_memory_equal(e->msg->frame + 2, text, (size_t)n);
	assert_int_equal(s.last, seq);
	assert_ptr_equal(stream_at(&s, seq), e);
}

/* Gives out all that is in order; returns how many there were. */
static unsigned
drain(void)
{
	unsigned n = 0;

	while (stream_next(&s) != NULL)
		n++;
	return n;
}

static int
start(void **state)
{
	(void)state;
	stream_init(&s, WIRE_ROOM, 7, 10, 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	stream_finish(&s);
	return s.bytes == 0 ? 0 : -1;
}

static void
a_new_stream_waits_for_what_follows(void **state)
{
	(void)state;
	assert_int_equal(s.kind, WIRE_ROOM);
	assert_int_equal(s.id, 7);
	assert_int_equal(s.last, 10);
	assert_null(stream_next(&s));
	assert_false(stream_has_gap(&s));
	assert_null(stream_at(&s, 10));
	assert_true(stream_covers(&s, 10));
	assert_false(stream_covers(&s, 9));
}

static void
events_come_out_in_order_whatever_their_order(void **state)
{
	(void)state;
	assert_int_equal(put(11), STREAM_TAKEN);
	expect(11);
	assert_int_equal(put(14), STREAM_TAKEN);
	assert_null(stream_next(&s));
	assert_true(stream_has_gap(&s));
	assert_int_equal(put(13), STREAM_TAKEN);
	assert_null(stream_next(&s));
	assert_int_equal(put(12), STREAM_TAKEN);
	expect(12);
	expect(13);
	expect(14);
	assert_null(stream_next(&s));
	assert_false(stream_has_gap(&s));
}

static void
doubles_come_out_once(void **state)
{
	(void)state;
	assert_int_equal(put(12), STREAM_TAKEN);
	assert_int_equal(put(12), STREAM_KNOWN); /* waits already */
	assert_int_equal(put(11), STREAM_TAKEN);
	expect(11);
	expect(12);
	assert_int_equal(put(11), STREAM_KNOWN); /* was given out */
	assert_int_equal(put(12), STREAM_KNOWN);
	assert_int_equal(put(3), STREAM_KNOWN); /* before our time */
	assert_int_equal(put(0), STREAM_KNOWN);
	assert_null(stream_next(&s));
}

static void
another_mid_is_another_history(void **state)
{
	(void)state;
	(void)put(11);
	(void)put(13);
	expect(11);
	assert_int_equal(hand_over(11, 2, false), STREAM_FORKED); /* kept */
	assert_int_equal(hand_over(13, 2, false), STREAM_FORKED); /* waits */
	assert_int_equal(hand_over(10, 2, false), STREAM_KNOWN);  /* can't tell */
	stream_trim(&s, 0);
	assert_int_equal(
	    hand_over(11, 2, false), STREAM_FORKED); /* the last one's is always known */
	assert_int_equal(put(12), STREAM_TAKEN);
	expect(12);
	expect(13);
	stream_trim(&s, 0);
	assert_int_equal(hand_over(11, 2, false), STREAM_KNOWN);
}

/* An event that says which one is before it. */
static enum stream_result
put_behind(uint64_t seq, uint64_t prev)
{
	struct stream_event e = {.seq = seq, .mid = mid_of(seq, 1), .prev = prev};
	enum stream_result result;

	e.msg = msg_create(STR("x"));
	result = stream_put(&s, &e);
	msg_put(e.msg);
	return result;
}

static void
an_event_comes_out_only_behind_the_one_that_it_names(void **state)
{
	(void)state;
	assert_int_equal(put_behind(11, 5), STREAM_TAKEN); /* what was at 10 is not known */
	assert_non_null(stream_next(&s));
	assert_int_equal(put_behind(12, mid_of(11, 1)), STREAM_TAKEN);
	assert_non_null(stream_next(&s));
	assert_int_equal(put_behind(14, mid_of(13, 2)), STREAM_TAKEN);
	assert_false(stream_is_forked(&s)); /* 13 may still come */
	assert_int_equal(put_behind(13, 0), STREAM_TAKEN);
	assert_non_null(stream_next(&s));
	assert_true(stream_is_forked(&s));
	assert_null(stream_next(&s));
	assert_int_equal(s.last, 13);
	stream_restart(&s, 20, 99);
	assert_false(stream_is_forked(&s));
	assert_int_equal(put_behind(21, 98), STREAM_TAKEN);
	assert_true(stream_is_forked(&s));
}

static void
a_head_is_compared_and_learned(void **state)
{
	(void)state;
	assert_int_equal(stream_head(&s, 10, 0), STREAM_KNOWN);
	assert_true(stream_mid(&s, 10) == 0);
	assert_int_equal(stream_head(&s, 10, 7), STREAM_KNOWN);
	assert_true(stream_mid(&s, 10) == 7);
	assert_int_equal(stream_head(&s, 10, 8), STREAM_FORKED);
	assert_int_equal(stream_head(&s, 9, 8), STREAM_KNOWN); /* asked a moment ago */
	assert_int_equal(stream_head(&s, 12, 8), STREAM_KNOWN);
	assert_true(stream_has_gap(&s));
	(void)put(11);
	expect(11);
	assert_true(stream_mid(&s, 11) == mid_of(11, 1));
	assert_true(stream_mid(&s, 10) == 0 && stream_mid(&s, 12) == 0);
}

static void
delivered_events_are_kept_and_found(void **state)
{
	(void)state;
	for (uint64_t seq = 11; seq <= 40; seq++)
		(void)put(seq);
	assert_null(stream_at(&s, 20)); /* not given out yet */
	assert_int_equal(drain(), 30);
	assert_int_equal(stream_at(&s, 11)->seq, 11);
	assert_int_equal(stream_at(&s, 40)->seq, 40);
	assert_null(stream_at(&s, 10));
	assert_null(stream_at(&s, 41));
	assert_null(stream_at(&s, 0));
	assert_null(stream_at(&s, UINT64_MAX));
	assert_true(stream_covers(&s, 10));
	assert_false(stream_covers(&s, 9));
	assert_false(stream_covers(&s, 0));
	assert_true(stream_covers(&s, UINT64_MAX));
	stream_trim(&s, 10);
	assert_null(stream_at(&s, 30));
	assert_int_equal(stream_at(&s, 31)->seq, 31);
	assert_true(stream_covers(&s, 30));
	assert_false(stream_covers(&s, 29));
	stream_trim(&s, 100);
	assert_int_equal(stream_at(&s, 31)->seq, 31);
}

static void
trimming_frees(void **state)
{
	size_t before;

	(void)state;
	for (uint64_t seq = 11; seq <= 300; seq++)
		(void)put(seq);
	before = s.bytes;
	assert_int_equal(drain(), 290);
	assert_int_equal(s.bytes, before);
	stream_trim(&s, 1);
	assert_int_equal(s.bytes, 2 + 3);
	stream_trim(&s, 0);
	assert_int_equal(s.bytes, 0);
}

/* Whoever says that there is an event so far ahead does not make us hold the world. */
static void
held_events_are_limited(void **state)
{
	(void)state;
	for (uint64_t seq = 12; seq < 12 + HELD; seq++)
		assert_int_equal(put(seq), STREAM_TAKEN);
	assert_int_equal(put(5000), STREAM_KNOWN);
	assert_true(stream_has_gap(&s));
	assert_int_equal(s.held.count, HELD);
	assert_int_equal(s.target, 5000);
	assert_int_equal(put(11), STREAM_TAKEN); /* what brings us forward always has a place */
	assert_int_equal(drain(), HELD + 1);
	assert_int_equal(put(5000), STREAM_TAKEN);
}

static void
an_answer_fills_the_gap(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(14);
	collect(11, 15);
	assert_null(stream_next(&s)); /* nothing before it is complete */
	assert_int_equal(stream_merge(&s, 10, 15, 10, &sure), STREAM_TAKEN);
	assert_int_equal(sure, 15);
	for (uint64_t seq = 11; seq <= 15; seq++)
		expect(seq);
	assert_false(stream_has_gap(&s));
}

static void
an_answer_that_came_too_late_doubles_nothing(void **state)
{
	uint64_t sure;

	(void)state;
	for (uint64_t seq = 11; seq <= 14; seq++)
		(void)put(seq);
	collect(11, 13);
	assert_int_equal(drain(), 4);
	assert_int_equal(stream_merge(&s, 10, 13, 10, &sure), STREAM_TAKEN);
	assert_int_equal(sure, 13);
	assert_null(stream_next(&s));
	assert_int_equal(s.kept.count, 4);
	assert_int_equal(s.last, 14);
}

static void
an_answer_reaches_back(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(11);
	(void)put(12);
	assert_int_equal(drain(), 2);
	collect(4, 12);
	assert_int_equal(stream_merge(&s, 3, 12, 12, &sure), STREAM_TAKEN);
	assert_true(stream_covers(&s, 3));
	assert_false(stream_covers(&s, 2));
	for (uint64_t seq = 4; seq <= 12; seq++)
		assert_true(stream_at(&s, seq)->mid == mid_of(seq, 1));
	assert_int_equal(s.last, 12);
	assert_null(stream_next(&s));
}

static void
an_answer_that_does_not_reach_up_to_the_kept_ones_changes_nothing(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(11);
	assert_int_equal(drain(), 1);
	collect(4, 8); /* 9 and 10 are gone for good */
	assert_int_equal(stream_merge(&s, 3, 11, 11, &sure), STREAM_TAKEN);
	assert_false(stream_covers(&s, 3));
	assert_true(stream_covers(&s, 10));
	assert_null(stream_at(&s, 8));
	assert_int_equal(s.kept.count, 1);
}

static void
holes_in_the_past_end_what_is_kept(void **state)
{
	uint64_t sure;

	(void)state;
	collect(4, 6);
	collect(8, 10);
	assert_int_equal(stream_merge(&s, 3, 10, 10, &sure), STREAM_TAKEN);
	assert_true(stream_covers(&s, 7));
	assert_false(stream_covers(&s, 6));
	assert_null(stream_at(&s, 7));
	assert_int_equal(stream_at(&s, 8)->seq, 8);
}

static void
an_answer_from_another_history_is_seen(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(11);
	assert_int_equal(drain(), 1);
	(void)hand_over(11, 2, true);
	(void)hand_over(12, 2, true);
	assert_int_equal(stream_merge(&s, 10, 12, 11, &sure), STREAM_FORKED);
	assert_int_equal(s.fetched.count, 0);
	assert_int_equal(
	    stream_merge(&s, 11, 9, 11, &sure), STREAM_FORKED); /* the head went back */
	(void)put(14);
	(void)hand_over(14, 2, true);
	assert_int_equal(stream_merge(&s, 11, 14, 11, &sure), STREAM_FORKED);
}

static void
a_head_that_was_read_earlier_is_no_fork(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(11);
	assert_int_equal(drain(), 1);
	/* Asked after 10 was given out; 11 has come since. */
	assert_int_equal(stream_merge(&s, 10, 10, 10, &sure), STREAM_TAKEN);
	assert_int_equal(s.last, 11);
	assert_false(stream_has_gap(&s));
}

/* "I was away since event 999" makes us ask; the answer tells that there is no such event. */
static void
an_answer_says_what_exists(void **state)
{
	uint64_t sure;

	(void)state;
	s.target = 999;
	assert_true(stream_has_gap(&s));
	collect(11, 12);
	assert_int_equal(stream_merge(&s, 10, 12, 10, &sure), STREAM_TAKEN);
	assert_int_equal(drain(), 2);
	assert_false(stream_has_gap(&s));
	(void)put(15);
	assert_int_equal(stream_merge(&s, 12, 12, 12, &sure), STREAM_TAKEN);
	assert_true(stream_has_gap(&s)); /* 15 is here, so it exists */
	assert_int_equal(s.target, 15);
}

static void
a_full_answer_is_sure_only_of_what_it_has(void **state)
{
	uint64_t sure;

	(void)state;
	collect(11, 10 + STREAM_FETCH);
	(void)hand_over(11 + STREAM_FETCH, 1, true); /* one too many is dropped */
	assert_int_equal(s.fetched.count, STREAM_FETCH);
	assert_int_equal(stream_merge(&s, 10, 5000, 10, &sure), STREAM_TAKEN);
	assert_int_equal(sure, 10 + STREAM_FETCH);
	assert_int_equal(drain(), STREAM_FETCH);
	assert_true(stream_has_gap(&s));
	assert_int_equal(s.target, 5000);
}

static void
a_forgotten_answer_leaves_nothing(void **state)
{
	uint64_t sure;
	size_t before;

	(void)state;
	(void)put(12);
	before = s.bytes;
	collect(11, 20);
	assert_true(s.bytes > before);
	stream_forget_answer(&s);
	assert_int_equal(s.bytes, before);
	assert_int_equal(stream_merge(&s, 10, 12, 10, &sure), STREAM_TAKEN);
	assert_null(stream_next(&s));
}

static void
what_is_gone_for_good_is_skipped(void **state)
{
	uint64_t sure;

	(void)state;
	(void)put(11);
	assert_int_equal(drain(), 1);
	collect(14, 15); /* 12 and 13 were erased */
	collect(18, 18);
	assert_int_equal(stream_merge(&s, 11, 20, 11, &sure), STREAM_TAKEN);
	assert_int_equal(sure, 20);
	assert_null(stream_next(&s));
	stream_skip(&s, sure);
	assert_int_equal(s.last, 13);
	assert_null(stream_at(&s, 11)); /* not connected to what comes */
	assert_false(stream_covers(&s, 11));
	expect(14);
	expect(15);
	stream_skip(&s, sure);
	expect(18);
	stream_skip(&s, sure);
	assert_int_equal(s.last, 20);
	assert_false(stream_has_gap(&s));
	assert_int_equal(s.bytes, 0);
}

static void
only_what_is_surely_gone_is_skipped(void **state)
{
	(void)state;
	(void)put(30);
	stream_skip(&s, 15); /* 16 to 29 may still come */
	assert_int_equal(s.last, 15);
	assert_true(stream_has_gap(&s));
	stream_skip(&s, 12); /* never back */
	assert_int_equal(s.last, 15);
	stream_skip(&s, 29);
	expect(30);
}

static void
a_restart_forgets_everything_but_the_place(void **state)
{
	(void)state;
	for (uint64_t seq = 11; seq <= 20; seq++)
		(void)put(seq);
	(void)put(25);
	assert_int_equal(drain(), 10);
	collect(21, 22);
	stream_restart(&s, 5, 0);
	assert_int_equal(s.bytes, 0);
	assert_int_equal(s.last, 5);
	assert_int_equal(s.target, 5);
	assert_null(stream_next(&s));
	assert_null(stream_at(&s, 5));
	assert_int_equal(hand_over(6, 2, false), STREAM_TAKEN);
	assert_int_equal(stream_next(&s)->seq, 6);
	assert_int_equal(s.kind, WIRE_ROOM);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_new_stream_waits_for_what_follows),
	    TEST(events_come_out_in_order_whatever_their_order),
	    TEST(doubles_come_out_once),
	    TEST(another_mid_is_another_history),
	    TEST(an_event_comes_out_only_behind_the_one_that_it_names),
	    TEST(a_head_is_compared_and_learned),
	    TEST(delivered_events_are_kept_and_found),
	    TEST(trimming_frees),
	    TEST(held_events_are_limited),
	    TEST(an_answer_fills_the_gap),
	    TEST(an_answer_that_came_too_late_doubles_nothing),
	    TEST(an_answer_reaches_back),
	    TEST(an_answer_that_does_not_reach_up_to_the_kept_ones_changes_nothing),
	    TEST(holes_in_the_past_end_what_is_kept),
	    TEST(an_answer_from_another_history_is_seen),
	    TEST(a_head_that_was_read_earlier_is_no_fork),
	    TEST(an_answer_says_what_exists),
	    TEST(a_full_answer_is_sure_only_of_what_it_has),
	    TEST(a_forgotten_answer_leaves_nothing),
	    TEST(what_is_gone_for_good_is_skipped),
	    TEST(only_what_is_surely_gone_is_skipped),
	    TEST(a_restart_forgets_everything_but_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
