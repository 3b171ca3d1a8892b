/* SPDX-License-Identifier: MIT */
/* link: push/revoked.o push/table.o */
#include "push/revoked.h"

#include "crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW 1000000000

static struct revoked r;

static bool
is_void(uint64_t user, uint64_t session, int64_t time, const char *channel)
{
	struct claim c = {.user = user, .session = session, .time = time};

	return revoked_covers(&r, &c, str_of(channel));
}

static void
one_person_in_one_channel(void **state)
{
	(void)state;
	assert_false(is_void(7, 70, NOW, "presence-room-1"));
	revoked_add_channel(&r, 7, STR("presence-room-1"), NOW - 5, NOW);
	assert_true(is_void(7, 70, NOW - 6, "presence-room-1"));
	assert_true(is_void(7, 70, NOW - 5, "presence-room-1"));
	assert_false(is_void(7, 70, NOW - 4, "presence-room-1"));
	assert_false(is_void(7, 70, NOW - 6, "presence-room-11"));
	assert_false(is_void(7, 70, NOW - 6, "presence-room-2"));
	assert_false(is_void(8, 70, NOW - 6, "presence-room-1"));
	revoked_finish(&r);
	assert_false(is_void(7, 70, NOW - 6, "presence-room-1"));
}

static void
sessions_and_users(void **state)
{
	(void)state;
	revoked_add_login(&r, 7, 70, NOW, NOW);
	assert_true(is_void(7, 70, NOW, "private-user-7"));
	assert_false(is_void(7, 71, NOW, "private-user-7"));
	assert_false(is_void(7, 70, NOW + 1, "private-user-7"));
	revoked_add_login(&r, 8, 0, NOW, NOW);
	assert_true(is_void(8, 80, NOW, "presence-room-1"));
	assert_true(is_void(8, 81, NOW - 1, "presence-room-1"));
	assert_false(is_void(80, 8, NOW, "presence-room-1")); /* ids of users and sessions */
	revoked_finish(&r);
}

static void
a_second_revocation_never_takes_back_the_first(void **state)
{
	(void)state;
	revoked_add_channel(&r, 7, STR("x"), NOW - 10, NOW);
	revoked_add_channel(&r, 7, STR("x"), NOW - 50, NOW);
	assert_true(is_void(7, 1, NOW - 10, "x"));
	assert_false(is_void(7, 1, NOW - 9, "x"));
	revoked_finish(&r);
}

static void
odd_times_count_as_now(void **state)
{
	(void)state;
	revoked_add_channel(&r, 7, STR("x"), 0, NOW);
	assert_true(is_void(7, 1, NOW, "x"));
	assert_false(is_void(7, 1, NOW + 1, "x"));
	revoked_finish(&r);
	revoked_add_channel(&r, 7, STR("x"), NOW + 5000, NOW);
	assert_false(is_void(7, 1, NOW + 1, "x"));
	revoked_finish(&r);
}

static void
forgets_what_no_claim_can_reach(void **state)
{
	(void)state;
	revoked_add_channel(&r, 7, STR("x"), NOW, NOW);
	revoked_add_channel(&r, 8, STR("x"), NOW, NOW + CLAIM_MAX_AGE);
	assert_true(is_void(7, 1, NOW, "x"));
	revoked_add_channel(&r, 9, STR("x"), NOW, NOW + CLAIM_MAX_AGE + 1);
	assert_false(is_void(7, 1, NOW, "x"));
	assert_true(is_void(8, 1, NOW, "x"));
	revoked_finish(&r);
}

static void
overflow_refuses_rather_than_forgets(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= REVOKED_MAX + 10; i++)
		revoked_add_channel(&r, i, STR("x"), NOW - 20000 + (int64_t)i, NOW);
	assert_true(is_void(1, 1, NOW - 20000 + 1, "x"));
	assert_true(is_void(10, 1, NOW - 20000 + 10, "x"));
	assert_true(is_void(5, 1, NOW - 20000 + 10, "other")); /* the price */
	assert_false(is_void(5, 1, NOW - 20000 + 11, "other"));
	assert_true(is_void(REVOKED_MAX, 1, NOW - 20000 + REVOKED_MAX, "x"));
	revoked_finish(&r);
}

static void
long_names_fit(void **state)
{
	char name[201];

	(void)state;
	memset(name, 'n', 200);
	name[200] = '\0';
	revoked_add_channel(&r, UINT64_MAX, str_of(name), NOW, NOW);
	assert_true(is_void(UINT64_MAX, 1, NOW, name));
	name[199] = 'm';
	assert_false(is_void(UINT64_MAX, 1, NOW, name));
	revoked_finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_person_in_one_channel),
	    cmocka_unit_test(sessions_and_users),
	    cmocka_unit_test(a_second_revocation_never_takes_back_the_first),
	    cmocka_unit_test(odd_times_count_as_now),
	    cmocka_unit_test(forgets_what_no_claim_can_reach),
	    cmocka_unit_test(overflow_refuses_rather_than_forgets),
	    cmocka_unit_test(long_names_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
