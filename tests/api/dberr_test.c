/* SPDX-License-Identifier: MIT */
#include "api/dberr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
assert_code(unsigned code, enum err e, bool lost)
{
	assert_int_equal(dberr_map(code), e);
	assert_int_equal(dberr_is_lost(code), lost);
}

static void
what_the_statement_ran_into_leaves_the_connection_alone(void **state)
{
	static const unsigned unavailable[] = {1205, 1021, 1026, 1036, 1114, 1290, 1792, 1030};

	(void)state;
	assert_code(1062, ERR_CONFLICT, false);
	assert_code(1213, ERR_RETRY, false);
	assert_code(1020, ERR_RETRY, false);
	for (size_t i = 0; i < sizeof(unavailable) / sizeof(unavailable[0]); i++)
		assert_code(unavailable[i], ERR_UNAVAILABLE, false);
}

static void
after_what_ends_a_connection_a_new_one_is_needed(void **state)
{
	static const unsigned lost[] = {1040, 1044, 1045, 1049, 1053, 1077, 1129, 1203, 1226, 1243,
	    1698, 1927, 2002, 2003, 2005, DBERR_GONE, 2013, 2026, 2055, 4031};

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		assert_code(lost[i], ERR_UNAVAILABLE, true);
}

static void
errors_nobody_thought_of_are_ours(void **state)
{
	(void)state;
	assert_code(0, ERR_INTERNAL, false);
	assert_code(1054, ERR_INTERNAL, false); /* unknown column */
	assert_code(1064, ERR_INTERNAL, false); /* syntax error */
	assert_code(1406, ERR_INTERNAL, false); /* data too long */
	assert_code(1999, ERR_INTERNAL, false);
	assert_code(3000, ERR_INTERNAL, false);
}

static void
the_client_librarys_own_errors_leave_a_connection_in_an_unknown_state(void **state)
{
	(void)state;
	assert_code(2000, ERR_INTERNAL, true);
	assert_code(2014, ERR_INTERNAL, true); /* commands out of sync */
	assert_code(2027, ERR_INTERNAL, true); /* malformed packet */
	assert_code(2999, ERR_INTERNAL, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_statement_ran_into_leaves_the_connection_alone),
	    cmocka_unit_test(after_what_ends_a_connection_a_new_one_is_needed),
	    cmocka_unit_test(errors_nobody_thought_of_are_ours),
	    cmocka_unit_test(the_client_librarys_own_errors_leave_a_connection_in_an_unknown_state),
	};

	return cmocka_run_group_tests_name("api/dberr", tests, NULL, NULL);
}
