/* SPDX-License-Identifier: MIT */
#include "push/revoked.h"

#include "crypt.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW 1000000000

static struct revoked r;

/* The claim of somebody who was let in when the stream was at this seq. */
static bool
is_void(uint64_t user, uint64_t session, uint64_t head, const char *channel)
{
	struct claim c = {.user = user, .session = session, .time = NOW, .head = head};

	return revoked_covers(&r, &c, str_of(channel));
}

static void
one_person_in_one_channel(void **state)
{
	(void)state;
	assert_false(is_void(7, 70, 0, "presence-room-1"));
	revoked_add_member(&r, 7, STR("presence-room-1"), 50, NOW);
	assert_true(is_void(7, 70, 0, "presence-room-1"));
	assert_true(is_void(7, 70, 49, "presence-room-1"));
	assert_false(is_void(7, 70, 50, "presence-room-1")); /* came back, or it was known */
	assert_false(is_void(7, 70, 51, "presence-room-1"));
	assert_false(is_void(7, 70, 49, "presence-room-11"));
	assert_false(is_void(7, 70, 49, "presence-room-2"));
	assert_false(is_void(8, 70, 49, "presence-room-1"));
	revoked_finish(&r);
	assert_false(is_void(7, 70, 49, "presence-room-1"));
}

static void
everybody_in_one_channel(void **state)
{
	(void)state;
	revoked_add_member(&r, WIRE_EVERYBODY, STR("presence-room-1"), 50, NOW);
	assert_true(is_void(7, 70, 49, "presence-room-1"));
	assert_true(is_void(8, 80, 0, "presence-room-1"));
	assert_false(is_void(7, 70, 50, "presence-room-1"));
	assert_false(is_void(7, 70, 49, "presence-room-2"));
	revoked_finish(&r);
}

static void
sessions_are_over_whatever_the_claim_says(void **state)
{
	(void)state;
	revoked_add_session(&r, 70, NOW);
	assert_true(is_void(7, 70, 0, "private-user-7"));
	assert_true(is_void(7, 70, UINT64_MAX, "presence-room-1"));
	assert_true(is_void(7, 70, UINT64_MAX, "private-shop"));
	assert_false(is_void(7, 71, 0, "private-user-7"));
	assert_false(is_void(70, 7, 0, "presence-room-1")); /* ids of users and sessions */
	revoked_finish(&r);
	assert_false(is_void(7, 70, 0, "private-user-7"));
}

/* Whom somebody blocks has changed: lists from before are void, claims as such are not. */
static void
lists_of_blocked_people(void **state)
{
	(void)state;
	revoked_add_blocks(&r, 7, 50, NOW);
	assert_true(revoked_covers_blocks(&r, 7, 49));
	assert_true(revoked_covers_blocks(&r, 7, 0));
	assert_false(revoked_covers_blocks(&r, 7, 50));
	assert_false(revoked_covers_blocks(&r, 8, 0));
	assert_false(is_void(7, 70, 0, "presence-room-1"));
	assert_false(is_void(8, 7, 0, "presence-room-1"));
	revoked_add_blocks(&r, 7, 40, NOW);
	assert_true(revoked_covers_blocks(&r, 7, 49));
	r.max = 1;
	revoked_add_blocks(&r, 9, 3, NOW); /* what is forgotten takes all older claims along */
	assert_false(revoked_covers_blocks(&r, 7, 49));
	assert_true(is_void(7, 70, UINT64_MAX, "presence-room-1"));
	r.max = 0;
	revoked_finish(&r);
}

static void
no_clock_is_compared(void **state)
{
	const struct claim late = {.user = 7, .session = 70, .time = NOW + 5000, .head = 49};
	const struct claim early = {.user = 7, .session = 70, .time = NOW - 5000, .head = 50};

	(void)state;
	revoked_add_member(&r, 7, STR("x"), 50, NOW);
	assert_true(revoked_covers(&r, &late, STR("x")));
	assert_false(revoked_covers(&r, &early, STR("x")));
	revoked_finish(&r);
}

static void
an_earlier_removal_never_takes_back_a_later_one(void **state)
{
	(void)state;
	revoked_add_member(&r, 7, STR("x"), 50, NOW);
	revoked_add_member(&r, 7, STR("x"), 10, NOW); /* heard of late */
	assert_true(is_void(7, 1, 49, "x"));
	assert_false(is_void(7, 1, 50, "x"));
	revoked_add_member(&r, 7, STR("x"), 60, NOW);
	assert_true(is_void(7, 1, 59, "x"));
	assert_false(is_void(7, 1, 60, "x"));
	revoked_finish(&r);
}

static void
forgets_what_no_claim_can_reach(void **state)
{
	(void)state;
	revoked_add_member(&r, 7, STR("x"), 50, NOW);
	revoked_add_session(&r, 80, NOW);
	revoked_add_member(&r, 8, STR("x"), 50, NOW + CLAIM_MAX_AGE);
	assert_true(is_void(7, 1, 49, "x"));
	assert_true(is_void(9, 80, 49, "x"));
	revoked_add_member(&r, 9, STR("x"), 50, NOW + CLAIM_MAX_AGE + 1);
	assert_false(is_void(7, 1, 49, "x"));
	assert_false(is_void(9, 80, 50, "x"));
	assert_true(is_void(8, 1, 49, "x"));
	revoked_finish(&r);
}

static void
what_is_said_again_is_remembered_longer(void **state)
{
	(void)state;
	revoked_add_member(&r, 7, STR("x"), 50, NOW);
	revoked_add_member(&r, 8, STR("x"), 50, NOW);
	revoked_add_member(&r, 7, STR("x"), 50, NOW + 1000);
	revoked_add_member(&r, 9, STR("x"), 50, NOW + CLAIM_MAX_AGE + 1000);
	assert_true(is_void(7, 1, 49, "x"));
	assert_false(is_void(8, 1, 49, "x"));
	revoked_finish(&r);
}

/* Whether a claim of this age, for a channel that nobody was removed from, is refused. */
static bool
is_refused_by_age(int64_t time)
{
	struct claim c = {.user = 5, .session = 1, .time = time, .head = 100};

	return revoked_covers(&r, &c, STR("other"));
}

static void
overflow_refuses_rather_than_forgets(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= REVOKED_MAX; i++)
		revoked_add_member(&r, i, STR("x"), 50, NOW - 20000 + (int64_t)i);
	assert_false(is_refused_by_age(NOW - 20000));
	for (uint64_t i = REVOKED_MAX + 1; i <= REVOKED_MAX + 10; i++)
		revoked_add_member(&r, i, STR("x"), 50, NOW - 20000 + (int64_t)i);
	assert_true(is_refused_by_age(NOW - 20000 + 1));
	assert_true(is_refused_by_age(NOW - 20000 + 10)); /* the price */
	assert_false(is_refused_by_age(NOW - 20000 + 11));
	assert_true(is_void(11, 1, 49, "x"));
	assert_true(is_void(REVOKED_MAX, 1, 49, "x"));
	assert_true(is_void(REVOKED_MAX + 10, 1, 49, "x"));
	revoked_finish(&r);
	assert_false(is_refused_by_age(NOW - 20000));
}

static void
fewer_may_be_remembered(void **state)
{
	(void)state;
	r.max = 2;
	revoked_add_member(&r, 7, STR("x"), 50, NOW);
	revoked_add_session(&r, 80, NOW + 1);
	assert_false(is_refused_by_age(NOW));
	revoked_add_member(&r, 8, STR("x"), 50, NOW + 2);
	assert_true(is_refused_by_age(NOW));
	assert_false(is_refused_by_age(NOW + 1));
	r.max = 1;
	revoked_add_member(&r, 9, STR("x"), 50, NOW + 3);
	assert_true(is_refused_by_age(NOW + 2));
	assert_false(is_refused_by_age(NOW + 3));
	r.max = 0;
	revoked_finish(&r);
}

static void
long_names_fit(void **state)
{
	char name[201];

	(void)state;
	memset(name, 'n', 200);
	name[200] = '\0';
	revoked_add_member(&r, UINT64_MAX - 1, str_of(name), UINT64_MAX, NOW);
	assert_true(is_void(UINT64_MAX - 1, 1, UINT64_MAX - 1, name));
	name[199] = 'm';
	assert_false(is_void(UINT64_MAX - 1, 1, 0, name));
	revoked_finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_person_in_one_channel),
	    cmocka_unit_test(everybody_in_one_channel),
	    cmocka_unit_test(sessions_are_over_whatever_the_claim_says),
	    cmocka_unit_test(lists_of_blocked_people),
	    cmocka_unit_test(no_clock_is_compared),
	    cmocka_unit_test(an_earlier_removal_never_takes_back_a_later_one),
	    cmocka_unit_test(forgets_what_no_claim_can_reach),
	    cmocka_unit_test(what_is_said_again_is_remembered_longer),
	    cmocka_unit_test(overflow_refuses_rather_than_forgets),
	    cmocka_unit_test(fewer_may_be_remembered),
	    cmocka_unit_test(long_names_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
