/* SPDX-License-Identifier: MIT */
#include "push/admit.h"
#include "push/codes.h"

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
	assert_true(admit_path(STR("/app/"))); /* to be told that nothing is there */
	assert_true(admit_path(STR("/app/maru/")));
	assert_false(admit_path(STR("/app")));
	assert_false(admit_path(STR("/apps/maru")));
	assert_false(admit_path(STR("")));
}

static void
applications_and_protocols(void **state)
{
	static const struct {
		const char *path, *protocol;
		unsigned code;
	} bad[] = {
	    {"/app/maru", "4", CODE_UNSUPPORTED},
	    {"/app/maru", "8", CODE_UNSUPPORTED},
	    {"/app/maru", "77", CODE_UNSUPPORTED},
	    {"/app/maru", "", CODE_NO_PROTOCOL},
	    {"/app/maru", "x", CODE_BAD_VERSION},
	    {"/app/maru", "7.1", CODE_BAD_VERSION},
	    {"/app/maru2", "7", CODE_UNKNOWN_APP},
	    {"/app/mar", "7", CODE_UNKNOWN_APP},
	    {"/app/", "7", CODE_NO_PATH},
	    {"/app/maru/", "7", CODE_NO_PATH},
	    {"/app/maru/x", "7", CODE_NO_PATH},
	    {"", "7", CODE_NO_PATH},
	};
	const char *why;

	(void)state;
	assert_int_equal(admit_app(STR("/app/maru"), STR("7"), "maru", &why), 0);
	assert_null(why);
	assert_int_equal(admit_app(STR("/app/maru"), STR("5"), "maru", &why), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    admit_app(str_of(bad[i].path), str_of(bad[i].protocol), "maru", &why),
		    bad[i].code);
		assert_non_null(why);
	}
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
