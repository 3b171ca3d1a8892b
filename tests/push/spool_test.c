/* SPDX-License-Identifier: MIT */
#include "push/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NAME "0123456789abcdef0123456789abcdef"

static void
only_our_names_are_names(void **state)
{
	static const char *const bad[] = {"", ".", "..", "x", NAME "0", NAME "_", NAME "_32",
	    NAME "_320 ", NAME "_poster.tmp", NAME "/", "0123456789ABCDEF0123456789abcdef",
	    "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcde_320"};
	char name[SPOOL_NAME_SIZE];

	(void)state;
	for (unsigned i = 0; i < SPOOL_SIZES; i++) {
		spool_name(NAME "_64", i, name);
		assert_true(spool_is_name(SPOOL_READY, name));
		assert_int_equal(spool_is_name(SPOOL_GONE, name), i == 0);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(spool_is_name(SPOOL_READY, bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_our_names_are_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
