/* SPDX-License-Identifier: MIT */
/* The database was set back: a crash or a restored backup took the end of a stream, and other
 * events have its seqs. What subscribers brought along may be of the history that was lost. */
#include "fakes.h"

#include "loop.h"

#include "room.h"

#include "push/wait.h"

#define OTHER(seq) (mid_of(seq) + 1) /* the mid of the event that has its place now */

/* An event of the history that is there now. */
static void
other_event(uint64_t seq, uint64_t prev)
{
	struct wire_packet p = packet(seq, 0);

	p.mid = OTHER(seq);
	p.prev = prev;
	follow_event(&p);
}

static void
subscribe_with_mid(unsigned i, uint64_t head)
{
	join(i, CHANNEL, (struct follow_terms){.claim.head = head, .claim.mid = mid_of(head)});
}

/* The head of the room is asked for anew, and all have to come back. */
static void
expect_return(uint64_t head, unsigned first, unsigned last)
{
	play.asked_count = 0;
	pass(10);
	assert_int_equal(needed(WIRE_ROOM, ROOM, UINT64_MAX >> 1), 1);
	end_of_answer(head);
	for (unsigned i = first; i <= last; i++)
		assert_int_equal(c[i].closing, 4200);
	assert_true(hub.revoked.floor > 0);
}

static void
a_claim_from_beyond_the_head_makes_subscribers_reload(void **state)
{
	struct wire_head h = {.id = ROOM};
	struct wire_packet p = {
	    .op = WIRE_HEADS, .kind = WIRE_ROOM, .body = {(const char *)&h, sizeof(h)}};

	(void)state;
	resume(0, 10, 2, mid_of(2));
	pass(30);
	fetched(2, 5);
	end_of_answer(5); /* 6 to 10 are lost */
	silent(0);
	play.asked_count = 0;
	pass(1000);
	assert_true(heads_asked(WIRE_ROOM, ROOM, 10) > 0);
	h.last = 10;
	h.head = 5;
	follow_heads(&p);
	expect_return(5, 0, 0);
}

static void
another_event_in_the_place_of_the_claim_makes_subscribers_reload(void **state)
{
	(void)state;
	subscribe(0, HEAD);
	subscribe_with_mid(1, 12);
	conn_drop(&c[0]);
	conn_drop(&c[1]);
	other_event(11, mid_of(10));
	expect_events(0, 11, 11);
	silent(1);
	other_event(12, OTHER(11));
	expect_return(12, 0, 1);
}

static void
the_same_event_in_the_place_of_the_claim_is_none_of_its_business(void **state)
{
	(void)state;
	subscribe(0, HEAD);
	subscribe_with_mid(1, 12);
	conn_drop(&c[0]);
	conn_drop(&c[1]);
	for (uint64_t seq = 11; seq <= 13; seq++)
		event(seq);
	expect_events(0, 11, 13);
	expect_events(1, 13, 13);
	silent(1);
}

static void
a_claim_that_names_another_event_than_is_known_is_refused(void **state)
{
	(void)state;
	subscribe(0, HEAD);
	for (uint64_t seq = 11; seq <= 14; seq++)
		other_event(seq, seq == 11 ? mid_of(10) : OTHER(seq - 1));
	conn_drop(&c[0]);
	subscribe_with_mid(1, 12);
	expect(1, "asked for again");
	silent(0);
}

/* Nobody was there when the history changed: whom did it remove? */
static void
what_a_claim_names_is_fetched_if_it_is_not_known(void **state)
{
	struct wire_packet p = packet(12, 0);

	(void)state;
	subscribe(0, 20);
	conn_drop(&c[0]);
	subscribe_with_mid(1, 12);
	pass(10);
	assert_int_equal(needed(WIRE_ROOM, ROOM, 11), 1);
	p.op = WIRE_FETCHED;
	p.mid = OTHER(12);
	follow_fetched(&p);
	fetched(13, 20);
	end_of_answer(20);
	expect(1, "asked for again");
	silent(0);
}

static void
the_event_that_a_claim_names_does_not_concern_it(void **state)
{
	(void)state;
	subscribe(0, 20);
	conn_drop(&c[0]);
	subscribe_with_mid(1, 12);
	pass(10);
	fetched_removing(12, user(1)); /* and let in since */
	fetched(13, 20);
	end_of_answer(20);
	expect_confirmed(1, "\\\"head\\\":20");
}

/* The stream of user 1 goes up to head. */
static void
tell_user(uint64_t head)
{
	tell_head(WIRE_USER, user(0), head);
}

static void
who_waits_while_the_history_changes_comes_back(void **state)
{
	struct wire_packet p = {.op = WIRE_EVENT,
	    .kind = WIRE_USER,
	    .stream = user(0),
	    .seq = 10,
	    .mid = OTHER(10),
	    .channel = STR("private-user-1"),
	    .body = STR("other")};

	(void)state;
	join(0, "private-user-1",
	    (struct follow_terms){.claim.head = HEAD, .claim.mid = mid_of(10)});
	conn_drop(&c[0]);
	/* A second connection of the same person. */
	hub_leave(&hub, &c[1]);
	hub_identify(&hub, &c[1], user(0), 100);
	hub_join(&hub, &c[1], STR("private-user-1"), NULL,
	    &(struct follow_terms){
		.claim = {.user = user(0), .head = 12}, .resume = true, .after = 12});
	silent(1);
	follow_event(&p);
	pass(10);
	tell_user(9); /* the claim was signed when there were 12 */
	assert_int_equal(c[0].closing, 4200);
	assert_int_equal(c[1].closing, 4200);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_claim_from_beyond_the_head_makes_subscribers_reload),
	    TEST(another_event_in_the_place_of_the_claim_makes_subscribers_reload),
	    TEST(the_same_event_in_the_place_of_the_claim_is_none_of_its_business),
	    TEST(a_claim_that_names_another_event_than_is_known_is_refused),
	    TEST(what_a_claim_names_is_fetched_if_it_is_not_known),
	    TEST(the_event_that_a_claim_names_does_not_concern_it),
	    TEST(who_waits_while_the_history_changes_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
