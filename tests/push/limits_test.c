/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/codes.h"
#include "push/limits.h"
#include "push/table.h"

#define N 8

static struct conn c[N];
static int64_t now = 1000000; /* later in each test: the bucket of handshakes is the daemon's */

static int
start(void **state)
{
	int rc = fakes_start(state);

	table_init();
	now += 10000;
	for (unsigned i = 0; i < N; i++)
		conn_init(&c[i], &conf, NULL);
	return rc;
}

static int
stop(void **state)
{
	for (unsigned i = 0; i < N; i++) {
		limits_close(&c[i]);
		conn_finish(&c[i]);
	}
	return fakes_stop(state);
}

static bool
opens(unsigned i, const char *address)
{
	conn_set_address(&c[i], address);
	return limits_open(&c[i], now) == NULL;
}

static void
connections_of_an_address(void **state)
{
	(void)state;
	conf.push_address_connections = 2;
	assert_true(opens(0, "192.0.2.1"));
	assert_true(opens(1, "192.0.2.1"));
	assert_false(opens(2, "192.0.2.1"));
	assert_true(opens(3, "192.0.2.2"));
	limits_close(&c[2]); /* was never counted */
	assert_false(opens(4, "192.0.2.1"));
	limits_close(&c[0]);
	limits_close(&c[0]);
	assert_true(opens(4, "192.0.2.1"));
	assert_false(opens(5, "192.0.2.1"));
}

static void
networks_count_as_one_and_this_host_not_at_all(void **state)
{
	static const char *const here[] = {"127.0.0.1", "127.8.8.8", "::1", ""};

	(void)state;
	conf.push_address_connections = 1;
	assert_true(opens(0, "2001:db8:1:2:aaaa::1"));
	assert_false(opens(1, "2001:db8:1:2:bbbb::1"));
	assert_true(opens(2, "2001:db8:1:3::1"));
	for (unsigned i = 0; i < 4; i++) {
		conn_init(&c[3], &conf, NULL);
		for (unsigned k = 0; k < 3; k++)
			assert_true(opens(3, here[i]));
	}
	conf.push_address_connections = 0;
	assert_true(opens(4, "2001:db8:1:2:bbbb::1"));
}

static void
handshakes_in_a_second(void **state)
{
	unsigned ok = 0;

	(void)state;
	conf.push_handshakes = 100;
	for (unsigned i = 0; i < 500; i++)
		ok += opens(0, "");
	assert_int_equal(ok, 100);
	now += 100;
	for (unsigned i = 0; i < 50; i++)
		ok += opens(0, "");
	assert_int_equal(ok, 110);
	conf.push_handshakes = 0;
	assert_true(opens(0, ""));
}

/* What the defaults have to allow: everybody comes back within ten seconds. */
static void
a_storm_of_15000_in_ten_seconds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 15000; i++) {
		now += i % 3 == 0 ? 2 : 0;
		assert_true(opens(0, ""));
	}
}

static void
frames_of_a_connection(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMITS_FRAMES; i++)
		assert_true(limits_frame(&c[0], now));
	for (unsigned i = 0; i < 500; i++) {
		now += 20;
		assert_true(limits_frame(&c[0], now));
	}
	assert_int_equal(fake.closes, 0);
	assert_false(limits_frame(&c[0], now));
	assert_int_equal(c[0].closing, CODE_TOO_MUCH);
	assert_true(limits_frame(&c[1], now));
	conf.push_frames = 0;
	for (unsigned i = 0; i < 10000; i++)
		assert_true(limits_frame(&c[2], now));
}

static void
catch_ups_of_a_connection(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMITS_RESUMES; i++)
		assert_true(limits_resume(&c[0], now));
	assert_false(limits_resume(&c[0], now));
	assert_int_equal(c[0].closing, CODE_TOO_MUCH);
	assert_true(limits_resume(&c[1], now));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(connections_of_an_address),
	    TEST(networks_count_as_one_and_this_host_not_at_all),
	    TEST(handshakes_in_a_second),
	    TEST(a_storm_of_15000_in_ten_seconds),
	    TEST(frames_of_a_connection),
	    TEST(catch_ups_of_a_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
