/* SPDX-License-Identifier: MIT */
#include "shared/iceurls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
a_list_is_taken_apart_at_commas_and_blanks(void **state)
{
	const char *list = " turn:a,turn:b ,\tturn:c,, turn:d ";
	struct str url;

	(void)state;
	for (char c = 'a'; c <= 'd'; c++) {
		assert_true(iceurls_next(&list, &url));
		assert_int_equal(url.n, 6);
		assert_memory_equal(url.p, "turn:", 5);
		assert_int_equal(url.p[5], c);
	}
	assert_false(iceurls_next(&list, &url));
	assert_false(iceurls_next(&list, &url));
}

static void
addresses_are_as_the_standards_have_them(void **state)
{
	static const char *const good[] = {"", " , ", "turn:a", "turns:a", "turn:turn.example.org",
	    "turn:192.0.2.7:3478", "turn:[2001:db8::1]", "turn:[::ffff:192.0.2.7]:1",
	    "turn:a:65535?transport=udp", "turns:a-b.example?transport=tcp", "turn:a, turns:b"};
	static const char *const bad[] = {"a", "turn", "turn:", "turns:", "turn::3478",
	    "turn:a:", "turn:a:0", "turn:a:65536", "turn:a:99999999999999999999", "turn:a:x",
	    "turn:a:1x", "turn://a", "turn:a/b", "turn:u@a", "turn:a?transport=sctp",
	    "turn:a?transport=udp&x", "turn:a?", "turn:[]", "turn:[::1", "turn:::1", "turnss:a",
	    "stun:a", "TURN:a", "turn:a, b", "turn:a;turn:b", "turn:a\"", "turn:\xea\xb0\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(iceurls_are(good[i], "turn"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(iceurls_are(bad[i], "turn"));
}

/* Browsers refuse it. */
static void
stun_has_no_transport(void **state)
{
	(void)state;
	assert_true(iceurls_are("stun:a:3478, stuns:b", "stun"));
	assert_false(iceurls_are("stun:a?transport=udp", "stun"));
	assert_false(iceurls_are("turn:a", "stun"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_is_taken_apart_at_commas_and_blanks),
	    cmocka_unit_test(addresses_are_as_the_standards_have_them),
	    cmocka_unit_test(stun_has_no_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
