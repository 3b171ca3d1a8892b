/* SPDX-License-Identifier: MIT */
/* The database was set back: a crash or a restored backup took the end of a stream, and other
 * events have its seqs. What subscribers brought along may be of the history that was lost. */
#include "fakes.h"

#include "loop.h"

#include "room.h"

#include "push/wait.h"

/* The head of the room is asked for anew, and all have to come back. */
static void
expect_return(uint64_t head, unsigned first, unsigned last)
{
	play.asked_count = 0;
	pass(10);
	assert_int_equal(needed(WIRE_ROOM, ROOM, UINT64_MAX >> 1), 1);
	end_of_answer(head);
	for (unsigned i = first; i <= last; i++)
		assert_int_equal(c[i].closing, 4200);
	assert_true(hub.revoked.floor > 0);
}

static void
a_claim_from_beyond_the_head_makes_subscribers_reload(void **state)
{
	struct wire_head h = {.id = ROOM};
	struct wire_packet p = {
	    .op = WIRE_HEADS, .kind = WIRE_ROOM, .body = {(const char *)&h, sizeof(h)}};

	(void)state;
	resume(0, 10, 2, mid_of(2));
	pass(30);
	fetched(2, 5);
	end_of_answer(5); /* 6 to 10 are lost */
	silent(0);
	play.asked_count = 0;
	pass(1000);
	assert_true(heads_asked(WIRE_ROOM, ROOM, 10) > 0);
	h.last = 10;
	h.head = 5;
	follow_heads(&p);
	expect_return(5, 0, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_start, room_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_claim_from_beyond_the_head_makes_subscribers_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
