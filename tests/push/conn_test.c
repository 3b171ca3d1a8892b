/* SPDX-License-Identifier: MIT */
#include "fakes.h"

#include "push/codes.h"

#include <stdlib.h>

static struct msg *
text(unsigned i)
{
	char t[16];
	int n = snprintf(t, sizeof(t), "%08u", i);

	return msg_create((struct str){t, (size_t)n});
}

static void
queue_keeps_the_order(void **state)
{
	struct conn c;
	char expected[16];

	(void)state;
	conn_init(&c, &conf, NULL);
	assert_null(conn_peek(&c));
	for (unsigned round = 0; round < 50; round++) {
		for (unsigned i = 0; i < round; i++)
			assert_true(conn_give(&c, text(round * 100 + i)));
		assert_int_equal(c.count, round);
		for (unsigned i = 0; i < round; i++) {
			(void)snprintf(expected, sizeof(expected), "%08u", round * 100 + i);
			assert_string_equal(next_text(&c), expected);
		}
		assert_null(conn_peek(&c));
		assert_int_equal(c.bytes, 0);
	}
	conn_finish(&c);
}

static void
wakes_when_something_is_first(void **state)
{
	struct conn c;

	(void)state;
	conn_init(&c, &conf, NULL);
	(void)conn_give(&c, text(1));
	(void)conn_give(&c, text(2));
	assert_int_equal(fake.wakes, 1);
	conn_drop(&c);
	(void)conn_give(&c, text(3));
	assert_int_equal(fake.wakes, 2);
	conn_finish(&c);
}

static void
too_many_events_close(void **state)
{
	struct conn c;
	struct msg *m = text(1);

	(void)state;
	conf.push_queue_events = 16;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 16; i++)
		assert_true(conn_send(&c, m));
	assert_int_equal(fake.flushes, 0);
	assert_false(conn_send(&c, m));
	assert_int_equal(fake.flushes, 1);
	assert_int_equal(c.closing, CODE_TOO_SLOW);
	assert_null(conn_peek(&c));
	assert_true(conn_send(&c, m)); /* taken and dropped */
	assert_null(conn_peek(&c));
	assert_int_equal(m->refs, 1);
	conn_finish(&c);
	msg_put(m);
}

static void
a_client_that_reads_is_not_too_slow(void **state)
{
	struct conn c;
	struct msg *m = text(1);

	(void)state;
	conf.push_queue_events = 16;
	fake.takes_all = true;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 100; i++)
		assert_true(conn_send(&c, m));
	assert_int_equal(c.closing, 0);
	assert_int_equal(fake.flushes, 6);
	conn_finish(&c);
	msg_put(m);
}

static void
too_many_bytes_close_but_one_always_goes(void **state)
{
	static char big[100000];
	struct conn c;
	struct msg *m;

	(void)state;
	memset(big, 'x', sizeof(big));
	m = msg_create((struct str){big, sizeof(big)});
	conf.push_queue_bytes = 65536;
	conn_init(&c, &conf, NULL);
	assert_true(conn_send(&c, m));
	assert_false(conn_send(&c, m));
	assert_int_equal(c.closing, CODE_TOO_SLOW);
	conn_finish(&c);
	assert_int_equal(m->refs, 1);
	msg_put(m);
}

/* The queue takes 16; hints find room for 8. */
static void
hints_never_fill_the_queue(void **state)
{
	struct conn c;
	uint64_t before = stats.deliveries_dropped;

	(void)state;
	conf.push_queue_events = 16;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 20; i++) {
		struct msg *m = text(i);

		conn_hint(&c, m, 0);
		msg_put(m);
	}
	assert_int_equal(c.count, 8);
	assert_int_equal(stats.deliveries_dropped - before, 12);
	assert_int_equal(fake.flushes, 12); /* it may only have been this turn of the loop */
	for (unsigned i = 0; i < 8; i++)
		assert_true(conn_give(&c, text(100 + i)));
	assert_int_equal(c.closing, 0);
	assert_string_equal(next_text(&c), "00000000");
	conn_finish(&c);
}

/* As many as fit beside what the socket itself takes. */
static void
an_application_may_fill_more_of_it_than_hints(void **state)
{
	struct conn c;
	struct msg *m = text(1);

	(void)state;
	conf.push_queue_events = 16;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 20; i++)
		conn_signal(&c, m);
	assert_int_equal(c.count, 14);
	conn_hint(&c, m, 0);
	assert_int_equal(c.count, 14);
	assert_true(conn_send(&c, m));
	assert_true(conn_send(&c, m));
	assert_int_equal(c.closing, 0);
	conn_finish(&c);
	assert_int_equal(m->refs, 1);
	msg_put(m);
}

static void
hints_go_where_a_flush_makes_room(void **state)
{
	struct conn c;
	struct msg *m = text(1);
	uint64_t before = stats.deliveries_dropped;

	(void)state;
	conf.push_queue_events = 16;
	fake.takes_all = true;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 100; i++)
		conn_hint(&c, m, 1);
	assert_int_equal(stats.deliveries_dropped, before);
	conn_finish(&c);
	assert_int_equal(m->refs, 1);
	msg_put(m);
}

static void
of_a_waiting_hint_the_latest_counts(void **state)
{
	struct conn c;
	struct msg *big = msg_create(STR("a longer text than others"));

	(void)state;
	conf.push_queue_events = 16;
	conn_init(&c, &conf, NULL);
	for (unsigned round = 0; round < 3; round++) { /* over the end of the ring, too */
		for (unsigned i = 0; i < 4; i++) {
			struct msg *m = text(i);

			conn_hint(&c, m, 10 + i % 2);
			(void)conn_give(&c, text(100 + i));
			msg_put(m);
		}
		assert_int_equal(c.count, 8);
		conn_hint(&c, big, 11); /* the later one of the two */
		conn_hint(&c, big, 12); /* nothing waits of this kind */
		conn_hint(&c, big, 0);
		assert_int_equal(c.count, 8);
		assert_int_equal(big->refs, 2);
		for (unsigned i = 0; i < 8; i++) {
			const char *got = next_text(&c);

			if (i == 6)
				assert_string_equal(got, "a longer text than others");
			else
				assert_int_equal(atoi(got), i / 2 + 100 * (i % 2));
		}
		assert_int_equal(c.bytes, 0);
	}
	assert_int_equal(big->refs, 1);
	conn_finish(&c);
	msg_put(big);
}

static void
what_was_sent_is_not_replaced(void **state)
{
	struct conn c;
	struct msg *m = text(1);

	(void)state;
	conf.push_queue_events = 16;
	conn_init(&c, &conf, NULL);
	conn_hint(&c, m, 7);
	for (unsigned i = 0; i < 10; i++)
		(void)conn_give(&c, text(i));
	conn_sent(&c);
	conn_hint(&c, m, 7);
	assert_int_equal(c.count, 10);
	assert_int_equal(m->refs, 1);
	c.closing = 1;
	conn_hint(&c, m, 7);
	assert_int_equal(m->refs, 1);
	conn_finish(&c);
	msg_put(m);
}

static void
gathers_whole_frames_only(void **state)
{
	unsigned char room[25]; /* a frame of text() has 10 bytes */
	struct conn c;

	(void)state;
	conn_init(&c, &conf, NULL);
	for (unsigned i = 0; i < 3; i++)
		(void)conn_give(&c, text(i));
	assert_int_equal(conn_gather(&c, room, sizeof(room)), 20);
	assert_memory_equal(room,
	    "\x81\x08"
	    "00000000\x81\x08"
	    "00000001",
	    20);
	assert_int_equal(c.count, 1);
	assert_string_equal(next_text(&c), "00000002");
	assert_int_equal(conn_gather(&c, room, sizeof(room)), 0);
	conn_finish(&c);
}

static void
socket_ids_differ_and_fit(void **state)
{
	struct conn a, b;
	char ida[CONN_ID_SIZE], idb[CONN_ID_SIZE];

	(void)state;
	conn_init(&a, &conf, NULL);
	conn_init(&b, &conf, NULL);
	conn_socket_id(&a, ida);
	conn_socket_id(&b, idb);
	assert_string_not_equal(ida, idb);
	assert_non_null(strchr(ida, '.'));
	a.id[0] = a.id[1] = UINT32_MAX;
	conn_socket_id(&a, ida);
	assert_string_equal(ida, "4294967295.4294967295");
	conn_finish(&a);
	conn_finish(&b);
}

static void
addresses_of_both_kinds(void **state)
{
	static const unsigned char v4[16] = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1};
	static const unsigned char v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	struct conn c;

	(void)state;
	conn_init(&c, &conf, NULL);
	conn_set_address(&c, "192.0.2.1");
	assert_memory_equal(c.address, v4, 16);
	conn_set_address(&c, "2001:db8::1");
	assert_memory_equal(c.address, v6, 16);
	conn_set_address(&c, "");
	conn_set_address(&c, "192.0.2.1, 192.0.2.2 and much more than an address can be long");
	assert_memory_equal(c.address, v6, 16);
	conn_log(&c, "seen");
	conn_finish(&c);
}

static void
finishing_clears_the_magic(void **state)
{
	struct conn c;

	(void)state;
	conn_init(&c, &conf, NULL);
	assert_int_equal(c.magic, CONN_MAGIC);
	(void)conn_give(&c, text(1));
	conn_finish(&c);
	assert_int_equal(c.magic, 0);
	conn_finish(&c); /* a zeroed block is fine */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fakes_start, fakes_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(queue_keeps_the_order),
	    TEST(wakes_when_something_is_first),
	    TEST(too_many_events_close),
	    TEST(a_client_that_reads_is_not_too_slow),
	    TEST(too_many_bytes_close_but_one_always_goes),
	    TEST(hints_never_fill_the_queue),
	    TEST(an_application_may_fill_more_of_it_than_hints),
	    TEST(hints_go_where_a_flush_makes_room),
	    TEST(of_a_waiting_hint_the_latest_counts),
	    TEST(what_was_sent_is_not_replaced),
	    TEST(gathers_whole_frames_only),
	    TEST(socket_ids_differ_and_fit),
	    TEST(addresses_of_both_kinds),
	    TEST(finishing_clears_the_magic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
