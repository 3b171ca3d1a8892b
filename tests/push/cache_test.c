/* SPDX-License-Identifier: MIT */
#include "push/cache.h"
#include "push/table.h"

#include "crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static int
start(void **state)
{
	(void)state;
	table_init();
	return crypt_init() ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	cache_finish();
	return 0;
}

static void
put(const char *channel, const char *text, int64_t now)
{
	struct msg *m = msg_create(str_of(text));

	cache_put(str_of(channel), m, now);
	msg_put(m);
}

static void
names(void **state)
{
	static const char *const good[] = {"cache-x", "private-cache-x", "presence-cache-x",
	    "private-encrypted-cache-x", "cache-"};
	static const char *const bad[] = {"", "cache", "x-cache-", "private-cach",
	    "private-x-cache-", "encrypted-cache-x", "presence-room-1", "Cache-x"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cache_is_for(str_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cache_is_for(str_of(bad[i])));
}

static void
the_last_one_is_kept_for_half_an_hour(void **state)
{
	struct msg *m;

	(void)state;
	assert_null(cache_get(STR("cache-a"), 5));
	put("cache-a", "one", 10);
	put("cache-b", "two", 20);
	put("cache-a", "three", 30);
	m = cache_get(STR("cache-a"), 31);
	assert_memory_equal(m->frame + 2, "three", 5);
	assert_int_equal(m->refs, 1);
	assert_non_null(cache_get(STR("cache-b"), 20 + CACHE_MS - 1));
	assert_null(cache_get(STR("cache-b"), 20 + CACHE_MS));
	assert_non_null(cache_get(STR("cache-a"), 20 + CACHE_MS));
	assert_int_equal(cache_left(STR("cache-a"), 30), CACHE_MS);
	assert_int_equal(cache_left(STR("cache-a"), 30 + CACHE_MS - 1), 1);
	assert_null(cache_get(STR("cache-a"), 30 + CACHE_MS));
	assert_int_equal(cache_left(STR("cache-a"), 30 + CACHE_MS), 0);
}

static void
of_too_many_the_oldest_go(void **state)
{
	char name[20];

	(void)state;
	for (unsigned i = 0; i < CACHE_COUNT + 10; i++) {
		(void)snprintf(name, sizeof(name), "cache-%u", i);
		put(name, "x", 1);
	}
	assert_null(cache_get(STR("cache-9"), 1));
	assert_non_null(cache_get(STR("cache-10"), 1));
	assert_non_null(cache_get(str_of(name), 1));
}

static void
of_too_long_ones_the_oldest_go(void **state)
{
	static char big[CACHE_BYTES / 4];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	put("cache-1", big, 1);
	put("cache-2", big, 1);
	put("cache-3", big, 1);
	put("cache-1", big, 1);
	put("cache-4", big, 1);
	assert_null(cache_get(STR("cache-2"), 1));
	assert_non_null(cache_get(STR("cache-1"), 1));
	assert_non_null(cache_get(STR("cache-3"), 1));
	assert_non_null(cache_get(STR("cache-4"), 1));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(names),
	    TEST(the_last_one_is_kept_for_half_an_hour),
	    TEST(of_too_many_the_oldest_go),
	    TEST(of_too_long_ones_the_oldest_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
