/* SPDX-License-Identifier: MIT */
#include "push/admit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define OTHERS "https://www.example.org http://localhost:3000"

static void
origins(void **state)
{
	static const struct {
		const char *origin, *host;
		bool allowed;
	} rows[] = {
	    {"", "chat.example.org", true},
	    {"https://chat.example.org", "chat.example.org", true},
	    {"https://CHAT.example.org", "chat.example.org", true},
	    {"https://chat.example.org", "chat.example.org:443", true},
	    {"https://chat.example.org:443", "chat.example.org", true},
	    {"http://chat.example.org", "chat.example.org:80", true},
	    {"http://localhost:8080", "localhost:8080", true},
	    {"http://localhost:8081", "localhost:8080", false},
	    {"http://localhost", "localhost:8080", false},
	    {"https://chat.example.org", "chat.example.org:80", false},
	    {"https://evil.example", "chat.example.org", false},
	    {"https://chat.example.org.evil.example", "chat.example.org", false},
	    {"https://xchat.example.org", "chat.example.org", false},
	    {"null", "chat.example.org", false},
	    {"https://", "", false},
	    {"ftp://chat.example.org", "chat.example.org", false},
	    {"chat.example.org", "chat.example.org", false},
	    {"https://www.example.org", "chat.example.org", true},
	    {"http://www.example.org", "chat.example.org", false},
	    {"http://localhost:3000", "chat.example.org", true},
	    {"http://localhost:300", "chat.example.org", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (admit_origin(str_of(rows[i].origin), str_of(rows[i].host), OTHERS) !=
		    rows[i].allowed)
			fail_msg("%s at %s", rows[i].origin, rows[i].host);
	}
}

static void
paths(void **state)
{
	(void)state;
	assert_true(admit_path(STR("/app/maru")));
	assert_false(admit_path(STR("/app/")));
	assert_false(admit_path(STR("/app")));
	assert_false(admit_path(STR("/app/maru/")));
	assert_false(admit_path(STR("/apps/maru")));
	assert_false(admit_path(STR("")));
}

static void
applications_and_protocols(void **state)
{
	const char *why;

	(void)state;
	assert_int_equal(admit_app(STR("/app/maru"), STR("7"), "maru", &why), 0);
	assert_null(why);
	assert_int_equal(admit_app(STR("/app/maru"), STR("5"), "maru", &why), 0);
	assert_int_equal(admit_app(STR("/app/maru"), STR("4"), "maru", &why), ADMIT_UNSUPPORTED);
	assert_non_null(why);
	assert_int_equal(admit_app(STR("/app/maru"), STR("8"), "maru", &why), ADMIT_UNSUPPORTED);
	assert_int_equal(admit_app(STR("/app/maru"), STR("77"), "maru", &why), ADMIT_UNSUPPORTED);
	assert_int_equal(admit_app(STR("/app/maru"), STR(""), "maru", &why), ADMIT_NO_PROTOCOL);
	assert_int_equal(admit_app(STR("/app/maru2"), STR("7"), "maru", &why), ADMIT_UNKNOWN_APP);
	assert_int_equal(admit_app(STR("/app/mar"), STR("7"), "maru", &why), ADMIT_UNKNOWN_APP);
	assert_int_equal(admit_app(STR(""), STR("7"), "maru", &why), ADMIT_UNKNOWN_APP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(origins),
	    cmocka_unit_test(paths),
	    cmocka_unit_test(applications_and_protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
