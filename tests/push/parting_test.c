/* SPDX-License-Identifier: MIT */
#include "push/parting.h"

#include "push/hub.h"
#include "push/ws.h"

#include "fakes.h"
/* The loop needs what is above. */
#include "loop.h"

static struct hub hub;
#define PARTED 50 /* at most at once: fewer than descriptors are spare */

static struct conn conns[PARTED + 1];
static unsigned cuts;

void
turn_forget(struct conn *c)
{
	(void)c;
}

void
stats_closed(unsigned code)
{
	(void)code;
}

/* libwebsockets tells that the socket is gone. */
void
ws_cut(void *ws)
{
	cuts++;
	parting_end(ws);
}

static int
start(void **state)
{
	int rc = fakes_start(state);

	cuts = 0;
	hub_init(&hub, &conf);
	later_start(&conf, (struct ev_loop *)&play);
	return rc;
}

static int
stop(void **state)
{
	later_stop();
	hub_finish(&hub);
	return fakes_stop(state);
}

static bool
part(struct conn *c)
{
	conn_init(c, &conf, c);
	parting_leave(&hub, c);
	assert_null(c->ws);
	return parting_begin(c, c);
}

static void
a_second_and_no_longer(void **state)
{
	(void)state;
	assert_true(part(&conns[0]));
	pass(900);
	assert_int_equal(cuts, 0);
	pass(300);
	assert_int_equal(cuts, 1);
	parting_end(&conns[0]);
	parting_end(NULL);
}

static void
who_is_gone_before_is_not_cut(void **state)
{
	(void)state;
	assert_true(part(&conns[0]));
	parting_end(&conns[0]);
	pass(2000);
	assert_int_equal(cuts, 0);
}

static void
a_live_connection_is_left_alone(void **state)
{
	(void)state;
	conn_init(&conns[0], &conf, &cuts);
	parting_end(&conns[0]);
	assert_ptr_equal(conns[0].ws, &cuts);
	conn_finish(&conns[0]);
}

static void
so_many_and_no_more(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PARTED; i++)
		assert_true(part(&conns[i]));
	assert_false(part(&conns[PARTED]));
	parting_end(&conns[PARTED]);
	parting_end(&conns[7]);
	assert_true(part(&conns[PARTED]));
	later_stop(); /* at the end of the daemon */
	assert_int_equal(cuts, PARTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_second_and_no_longer, start, stop),
	    cmocka_unit_test_setup_teardown(who_is_gone_before_is_not_cut, start, stop),
	    cmocka_unit_test_setup_teardown(a_live_connection_is_left_alone, start, stop),
	    cmocka_unit_test_setup_teardown(so_many_and_no_more, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
