/* SPDX-License-Identifier: MIT */
#include "shared/outbound.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Whether a connection to an address, of either family, is allowed. */
static bool
may(const struct outbound *out, const char *address, unsigned short port)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return outbound_may(out, (const struct sockaddr *)&four, sizeof(four));
	assert_int_equal(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
	return outbound_may(out, (const struct sockaddr *)&six, sizeof(six));
}

/* The first and the last address of each network that is closed. */
static const char *const closed[] = {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
    "100.64.0.0", "100.127.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.0",
    "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
    "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0",
    "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
    "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:0.0.0.0", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:192.168.1.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "1fff:ffff::1", "2001::1", "2001:0:7f00:1::1", "2001:2::1", "2001:10::1", "2001:1ff:ffff::1",
    "2001:db8::1", "2001:db8:ffff::1", "2002:7f00:1::1", "2002:ffff::1", "3fff::1",
    "3fff:fff:ffff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1", "fdff:ffff::1", "fe80::1",
    "febf::1", "fec0::1", "ff02::1", "ffff::1"};

/* Their neighbours, and what one would expect. */
static const char *const open[] = {"1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
    "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
    "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
    "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "::ffff:8.8.8.8", "2000::1", "2001:200::1", "2001:4860:4860::8888",
    "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111", "3ffe::1", "3fff:1000::1"};

static void
test_closed(void **state)
{
	static const struct outbound none;

	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		if (may(&none, closed[i], 443))
			fail_msg("%s can be reached", closed[i]);
	}
}

static void
test_open(void **state)
{
	static const struct outbound none;

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		if (!may(&none, open[i], 443) || !may(&none, open[i], 8443))
			fail_msg("%s can't be reached", open[i]);
		for (unsigned port = 0; port < 65536; port += port < 1024 ? 1 : 257) {
			if (port != 443 && port != 8443)
				assert_false(may(&none, open[i], (unsigned short)port));
		}
	}
}

static void
test_allowed(void **state)
{
	struct outbound out;

	(void)state;
	assert_true(outbound_read(" 10.1.0.0/16  fd00:1::/32 127.0.0.2 ::1 192.168.8.0/21", &out));
	assert_int_equal(out.n, 5);
	assert_true(may(&out, "10.1.2.3", 80));
	assert_true(may(&out, "::ffff:10.1.2.3", 6379));
	assert_true(may(&out, "fd00:1:ffff::1", 80));
	assert_true(may(&out, "127.0.0.2", 1));
	assert_true(may(&out, "::1", 8080));
	assert_true(may(&out, "192.168.15.255", 80));
	assert_true(may(&out, "8.8.8.8", 443));
	assert_false(may(&out, "8.8.8.8", 80));
	assert_false(may(&out, "10.2.0.0", 443));
	assert_false(may(&out, "fd00:2::1", 443));
	assert_false(may(&out, "127.0.0.1", 443));
	assert_false(may(&out, "127.0.0.3", 443));
	assert_false(may(&out, "192.168.16.0", 443));
	assert_false(may(&out, "::2", 443));
	assert_true(outbound_read("0.0.0.0/0", &out));
	assert_true(may(&out, "127.0.0.1", 80));
	assert_false(may(&out, "::1", 80));
}

static void
test_no_list(void **state)
{
	static const char *const wrong[] = {"10.1.0.0/33", "10.1.0.0/", "10.1.0.0/1x", "10.1", "on",
	    "::/129", "localhost", "10.0.0.0/8,127.0.0.1", "1.2.3.4/-1", "fe80::1%eth0",
	    "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
	    "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct outbound out;

	(void)state;
	assert_true(outbound_read("", &out));
	assert_int_equal(out.n, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (outbound_read(wrong[i], &out))
			fail_msg("\"%s\" is taken", wrong[i]);
	}
}

static void
test_other_families(void **state)
{
	struct sockaddr_in6 zone = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
	const struct sockaddr local = {.sa_family = AF_UNIX};
	static const struct outbound none;

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "2001:4860:4860::8888", &zone.sin6_addr), 1);
	assert_true(outbound_may(&none, (const struct sockaddr *)&zone, sizeof(zone)));
	assert_false(outbound_may(
	    &none, (const struct sockaddr *)&zone, (socklen_t)sizeof(struct sockaddr_in)));
	zone.sin6_scope_id = 2;
	assert_false(outbound_may(&none, (const struct sockaddr *)&zone, sizeof(zone)));
	assert_false(outbound_may(&none, &local, sizeof(local)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_closed),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_allowed),
	    cmocka_unit_test(test_no_list),
	    cmocka_unit_test(test_other_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
