/* SPDX-License-Identifier: MIT */
/* A stream of 100,000 events whose packets come in any order, doubled, late or never, next to a
 * feeder whose answers are late and lack what was erased. A subscriber must get each event once and
 * in order; it may lack only those that were erased. */
#include "push/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HEAD       100000 /* events of the stream */
#define HELD_LIMIT 1024   /* as stream.c has it */

static struct stream s;
static uint64_t delivered; /* the last that the subscriber got */
static unsigned skipped;   /* that it never got */
static uint64_t dice_state;

static uint64_t
dice(uint64_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % sides;
}

static bool
is_erased(uint64_t seq)
{
	return seq % 97 == 0;
}

static uint64_t
mid_of(uint64_t seq)
{
	return seq * 0x9e3779b97f4a7c15;
}

static void
hand_over(uint64_t seq, bool collect)
{
	struct stream_event e = {.seq = seq, .mid = mid_of(seq), .msg = msg_create(STR("x"))};

	if (collect)
		stream_collect(&s, &e);
	else
		assert_int_not_equal(stream_put(&s, &e), STREAM_FORKED);
	msg_put(e.msg);
}

/* A packet that belongs somewhere near the place where we are. */
static void
one_packet(void)
{
	uint64_t seq = s.last > 20 ? s.last - 20 + dice(60) : 1 + dice(60);

	if (seq <= HEAD)
		hand_over(seq, false);
}

static void
take_out(void)
{
	const struct stream_event *e;

	while ((e = stream_next(&s)) != NULL) {
		assert_true(e->seq == s.last && e->seq > delivered && e->mid == mid_of(e->seq));
		while (++delivered < e->seq) {
			assert_true(is_erased(delivered));
			skipped++;
		}
	}
}

/* The feeder is asked, for what comes or from further back. It reads up to somewhere; meanwhile
 * packets arrive. */
static void
one_answer(void)
{
	uint64_t asked = s.last, back = dice(40), after = asked > back ? asked - back : 0, sure;
	uint64_t head = asked + dice(HEAD - asked + 1);
	unsigned n = 0;

	for (uint64_t seq = after + 1; seq <= head && n < STREAM_FETCH; seq++) {
		if (is_erased(seq))
			continue;
		hand_over(seq, true);
		n++;
		if (dice(100) == 0) {
			one_packet();
			take_out();
		}
	}
	assert_int_equal(stream_merge(&s, after, head, asked, &sure), STREAM_TAKEN);
	take_out();
	while (s.last < sure) {
		uint64_t before = s.last;

		stream_skip(&s, sure);
		assert_true(s.last > before);
		take_out();
	}
}

static void
check_kept(void)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < s.kept.count; i++) {
		const struct stream_event *e = stream_at(&s, s.last - i);

		assert_true(e != NULL && e->seq == s.last - i && e->mid == mid_of(e->seq));
		bytes += e->msg->size;
	}
	assert_null(stream_at(&s, s.last - s.kept.count));
	assert_true(stream_covers(&s, s.last - s.kept.count));
	assert_true(s.bytes == bytes + (size_t)s.held.count * 3);
	assert_true(s.held.count <= HELD_LIMIT + STREAM_FETCH);
}

static void
any_order_any_loss(void **state)
{
	static const uint64_t seeds[] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};

	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		uint64_t often = 10 + seeds[i] * 5;

		dice_state = seeds[i] * 0x9e3779b97f4a7c15;
		delivered = skipped = 0;
		stream_init(&s, WIRE_ROOM, 7, 0, 0);
		while (s.last < HEAD) {
			if (dice(often) == 0)
				one_answer();
			else
				one_packet();
			take_out();
			if (dice(50) == 0)
				stream_trim(&s, (uint32_t)dice(STREAM_KEEP));
			if (dice(50) == 0)
				check_kept();
		}
		assert_false(stream_has_gap(&s));
		assert_true(skipped <= HEAD / 97);
		stream_finish(&s);
		assert_int_equal(s.bytes, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_order_any_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
