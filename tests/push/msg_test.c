/* SPDX-License-Identifier: MIT */
#include "push/msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct msg *
of_size(size_t n)
{
	char *text = malloc(n + 1);
	struct msg *m;

	assert_non_null(text);
	memset(text, 'x', n);
	m = msg_create((struct str){text, n});
	free(text);
	return m;
}

static void
header_has_the_shortest_length(void **state)
{
	static const struct {
		size_t n, header;
		unsigned char bytes[10];
	} rows[] = {
	    {0, 2, {0x81, 0}},
	    {1, 2, {0x81, 1}},
	    {125, 2, {0x81, 125}},
	    {126, 4, {0x81, 126, 0, 126}},
	    {65535, 4, {0x81, 126, 0xff, 0xff}},
	    {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct msg *m = of_size(rows[i].n);

		assert_int_equal(m->size, rows[i].header + rows[i].n);
		assert_memory_equal(m->frame, rows[i].bytes, rows[i].header);
		if (rows[i].n > 0) {
			assert_int_equal(m->frame[rows[i].header], 'x');
			assert_int_equal(m->frame[m->size - 1], 'x');
		}
		msg_put(m);
	}
}

static void
last_reference_frees(void **state)
{
	struct msg *m = of_size(3);

	(void)state;
	assert_ptr_equal(msg_get(m), m);
	assert_int_equal(m->refs, 2);
	msg_put(m);
	assert_int_equal(m->refs, 1);
	msg_put(m); /* LeakSanitizer tells if this frees nothing */
	msg_put(NULL);
}

static void
expect_text(struct msg *m, const char *text)
{
	size_t head = m->frame[1] < 126 ? 2 : 4;

	assert_int_equal(m->size - head, strlen(text));
	assert_memory_equal(m->frame + head, text, strlen(text));
	msg_put(m);
}

static void
data_is_a_string_in_the_event(void **state)
{
	(void)state;
	expect_text(msg_event("a:b", STR("room\"1"), STR("{\"x\":\"\\\"\"}")),
	    "{\"event\":\"a:b\",\"channel\":\"room\\\"1\","
	    "\"data\":\"{\\\"x\\\":\\\"\\\\\\\"\\\"}\"}");
	expect_text(
	    msg_event("a", (struct str){NULL, 0}, STR("{}")), "{\"event\":\"a\",\"data\":\"{}\"}");
}

static void
errors_have_a_code_or_null(void **state)
{
	(void)state;
	expect_text(msg_error(4001, "no \"app\""),
	    "{\"event\":\"pusher:error\",\"data\":{"
	    "\"code\":4001,\"message\":\"no \\\"app\\\"\"}}");
	expect_text(msg_error(0, "x"),
	    "{\"event\":\"pusher:error\",\"data\":{\"code\":null,\"message\":\"x\"}}");
}

static void
control_frames_stay_small(void **state)
{
	char why[301];
	struct msg *m = msg_close(1002, "x");

	(void)state;
	assert_int_equal(m->size, 5);
	assert_memory_equal(m->frame, "\x88\x03\x03\xeax", 5);
	msg_put(m);
	memset(why, 'y', 300);
	why[300] = '\0';
	m = msg_close(4001, why);
	assert_int_equal(m->size, 127);
	assert_int_equal(m->frame[1], 125);
	msg_put(m);
	m = msg_ping();
	assert_int_equal(m->frame[0], 0x89);
	assert_true(m->frame[1] > 0 && m->frame[1] <= 125);
	msg_put(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header_has_the_shortest_length),
	    cmocka_unit_test(last_reference_frees),
	    cmocka_unit_test(data_is_a_string_in_the_event),
	    cmocka_unit_test(errors_have_a_code_or_null),
	    cmocka_unit_test(control_frames_stay_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
