/* SPDX-License-Identifier: MIT */
#include "shared/wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD 80 /* bytes of the header */

static char bytes[WIRE_MAX + 1], other[WIRE_MAX + 1];
static char dir[32], path[64];

static struct wire_packet
sample(void)
{
	return (struct wire_packet){
	    .op = WIRE_EVENT,
	    .kind = WIRE_ROOM,
	    .stream = 7,
	    .seq = 9007199254740993,
	    .mid = UINT64_MAX,
	    .prev = 11,
	    .user = 5,
	    .session = 3,
	    .sender = 9,
	    .time = 1795201616000,
	    .channel = STR("presence-room-7"),
	    .body = STR("{\"a\":1}\0 and bytes"),
	};
}

static void
assert_same(const struct wire_packet *a, const struct wire_packet *b)
{
	assert_int_equal(a->op, b->op);
	assert_int_equal(a->kind, b->kind);
	assert_true(a->stream == b->stream && a->seq == b->seq);
	assert_true(a->mid == b->mid && a->prev == b->prev);
	assert_true(a->sender == b->sender);
	assert_true(a->user == b->user && a->session == b->session && a->time == b->time);
	assert_true(str_eq(a->channel, b->channel));
	assert_true(str_eq(a->body, b->body));
}

static void
what_is_encoded_is_decoded_again(void **state)
{
	struct wire_packet in = sample(), out;
	size_t n = wire_encode(&in, bytes);

	(void)state;
	assert_int_equal(n, HEAD + in.channel.n + in.body.n);
	assert_true(wire_decode(bytes, n, &out));
	assert_same(&in, &out);
}

static void
a_packet_may_be_a_header_alone(void **state)
{
	struct wire_packet in = {.op = WIRE_FEEDER, .session = 4}, out;
	size_t n = wire_encode(&in, bytes);

	(void)state;
	assert_int_equal(n, HEAD);
	assert_true(wire_decode(bytes, n, &out));
	assert_same(&in, &out);
}

static void
the_limits_fit_exactly(void **state)
{
	struct wire_packet p = {.op = WIRE_EVENT}, out;

	(void)state;
	memset(other, 'x', sizeof(other));
	p.channel = (struct str){other, WIRE_CHANNEL_MAX};
	p.body = (struct str){other, WIRE_MAX - HEAD - WIRE_CHANNEL_MAX};
	assert_int_equal(wire_encode(&p, bytes), WIRE_MAX);
	assert_true(wire_decode(bytes, WIRE_MAX, &out));
	assert_same(&p, &out);
	p.body.n++;
	assert_int_equal(wire_encode(&p, bytes), 0);
	p.body.n = SIZE_MAX;
	assert_int_equal(wire_encode(&p, bytes), 0);
	p.body.n = 1;
	p.channel.n++;
	assert_int_equal(wire_encode(&p, bytes), 0);
}

static void
every_other_size_is_refused(void **state)
{
	struct wire_packet in = sample(), out;
	size_t n = wire_encode(&in, bytes);

	(void)state;
	for (size_t short_of = 0; short_of < n; short_of++)
		assert_false(wire_decode(bytes, short_of, &out));
	assert_false(wire_decode(bytes, n + 1, &out));
	assert_false(wire_decode(bytes, WIRE_MAX + 1, &out));
	assert_false(wire_decode(bytes, SIZE_MAX, &out));
}

/* Sets one byte of a good packet: is it still accepted? */
static bool
accepts(size_t at, unsigned char value)
{
	struct wire_packet in = sample(), out;
	size_t n = wire_encode(&in, bytes);

	bytes[at] = (char)value;
	return wire_decode(bytes, n, &out);
}

static void
headers_of_another_version_op_kind_or_length_are_refused(void **state)
{
	(void)state;
	assert_true(accepts(0, WIRE_VERSION));
	assert_false(accepts(0, WIRE_VERSION + 1));
	assert_false(accepts(1, 1));
	assert_true(accepts(2, HEAD));
	assert_false(accepts(2, HEAD + 8));
	assert_false(accepts(4, 0));
	for (unsigned char op = 1; op < WIRE_OP_END; op++)
		assert_true(accepts(4, op));
	assert_false(accepts(4, WIRE_OP_END));
	assert_false(accepts(4, 255));
	for (unsigned char kind = 0; kind <= WIRE_SYSTEM; kind++)
		assert_true(accepts(5, kind));
	assert_false(accepts(5, WIRE_SYSTEM + 1));
	assert_false(accepts(6, 201)); /* the channel's length */
	assert_false(accepts(6, 14));
	assert_false(accepts(7, 1));
	assert_false(accepts(8, 0)); /* the body's length */
	assert_false(accepts(11, 0x80));
	assert_false(accepts(12, 1)); /* reserved */
}

static void
no_bytes_whatever_break_the_decoder(void **state)
{
	struct wire_packet in = sample(), out;
	unsigned seed = 1, accepted = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t n = wire_encode(&in, bytes), size;

		for (int k = 0; k < 3; k++) {
			seed = seed * 1103515245U + 12345U;
			bytes[(seed >> 8) % n] = (char)(seed >> 20);
		}
		seed = seed * 1103515245U + 12345U;
		size = (seed >> 8) % 4 == 0 ? (seed >> 10) % (n + 1) : n;
		if (wire_decode(bytes, size, &out)) {
			accepted++;
			assert_int_equal(HEAD + out.channel.n + out.body.n, size);
			assert_in_range(out.op, 1, WIRE_OP_END - 1);
		}
	}
	assert_true(accepted > 0);
}

/* ---- sockets ---- */

static int
make_place(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/maru-wire-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/bus.sock", dir);
	return 0;
}

static int
remove_place(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(dir);
}

/* Two ends of the bus. */
static void
meet(int *listener, int *api, int *push)
{
	uid_t uid = (uid_t)-1;

	assert_true((*listener = wire_listen(path)) >= 0);
	assert_true((*api = wire_connect(path)) >= 0);
	assert_true((*push = wire_accept(*listener, &uid)) >= 0);
	assert_int_equal(uid, getuid());
}

static void
packets_go_over_the_socket_one_by_one(void **state)
{
	struct wire_packet one = sample(), two = {.op = WIRE_NEED, .user = 5}, got;
	int listener, api, push;

	(void)state;
	meet(&listener, &api, &push);
	assert_int_equal(wire_recv(push, other, &got), WIRE_AGAIN);
	assert_int_equal(wire_send(api, &one), WIRE_OK);
	assert_int_equal(wire_send(api, &two), WIRE_OK);
	assert_int_equal(wire_recv(push, other, &got), WIRE_OK);
	assert_same(&one, &got);
	assert_int_equal(wire_recv(push, other, &got), WIRE_OK);
	assert_same(&two, &got);
	assert_int_equal(wire_recv(push, other, &got), WIRE_AGAIN);
	(void)close(api);
	(void)close(push);
	(void)close(listener);
}

static void
the_largest_packet_passes_and_a_larger_one_is_refused(void **state)
{
	struct wire_packet p = {.op = WIRE_EVENT}, got;
	int listener, api, push;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	p.body = (struct str){bytes, WIRE_MAX - HEAD};
	meet(&listener, &api, &push);
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	assert_int_equal(wire_recv(push, other, &got), WIRE_OK);
	assert_int_equal(got.body.n, WIRE_MAX - HEAD);
	p.body.n++;
	assert_int_equal(wire_send(api, &p), WIRE_BAD);
	assert_int_equal(wire_recv(push, other, &got), WIRE_AGAIN);
	(void)close(api);
	(void)close(push);
	(void)close(listener);
}

static void
what_is_no_packet_is_dropped_and_the_next_one_is_read(void **state)
{
	struct wire_packet p = sample(), got;
	int listener, api, push;

	(void)state;
	meet(&listener, &api, &push);
	assert_int_equal(send(api, "garbage", 7, 0), 7);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(send(api, bytes, HEAD, 0), HEAD);
	assert_int_equal(
	    send(api, bytes, WIRE_MAX + 1, 0), WIRE_MAX + 1); /* longer than a packet */
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	assert_int_equal(wire_recv(push, other, &got), WIRE_BAD);
	assert_int_equal(wire_recv(push, other, &got), WIRE_BAD);
	assert_int_equal(wire_recv(push, other, &got), WIRE_BAD);
	assert_int_equal(wire_recv(push, other, &got), WIRE_OK);
	assert_same(&p, &got);
	(void)close(api);
	(void)close(push);
	(void)close(listener);
}

static void
a_full_queue_is_said_at_once_and_empties_again(void **state)
{
	struct wire_packet p = sample(), got;
	int listener, api, push, sent = 0, received = 0;
	enum wire_result result;

	(void)state;
	meet(&listener, &api, &push);
	while ((result = wire_send(api, &p)) == WIRE_OK)
		assert_true(++sent < 1000000);
	assert_int_equal(result, WIRE_AGAIN);
	assert_true(sent > 10); /* what a datagram socket would hold */
	while (wire_recv(push, other, &got) == WIRE_OK)
		received++;
	assert_int_equal(received, sent);
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	(void)close(api);
	(void)close(push);
	(void)close(listener);
}

static void
the_death_of_the_other_end_is_seen_without_a_signal(void **state)
{
	struct wire_packet p = sample(), got;
	int listener, api, push;

	(void)state;
	meet(&listener, &api, &push);
	(void)close(push);
	assert_int_equal(wire_send(api, &p), WIRE_CLOSED);
	(void)close(api);
	assert_true((api = wire_connect(path)) >= 0);
	assert_true((push = wire_accept(listener, &(uid_t){0})) >= 0);
	assert_int_equal(wire_send(api, &p), WIRE_OK);
	(void)close(api);
	assert_int_equal(wire_recv(push, other, &got), WIRE_OK); /* what was sent before */
	assert_int_equal(wire_recv(push, other, &got), WIRE_CLOSED);
	(void)close(push);
	(void)close(listener);
}

static void
the_socket_is_for_owner_and_group_only(void **state)
{
	struct stat st;
	int listener = wire_listen(path);

	(void)state;
	assert_true(listener >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	(void)close(listener);
}

static void
a_dead_daemons_socket_is_replaced_and_a_live_ones_is_not(void **state)
{
	int first = wire_listen(path), second;

	(void)state;
	assert_true(first >= 0);
	errno = 0;
	assert_int_equal(wire_listen(path), -1);
	assert_int_equal(errno, EADDRINUSE);
	assert_true((second = wire_connect(path)) >= 0); /* it was left alone */
	(void)close(second);
	(void)close(first);
	assert_int_equal(wire_connect(path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_true((second = wire_listen(path)) >= 0);
	(void)close(second);
}

static void
places_where_no_socket_can_be_are_errors(void **state)
{
	char name[200] = {0};
	int listener;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	assert_int_equal(wire_connect(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(wire_connect(""), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(wire_listen(name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(wire_connect(path), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(wire_listen("/nonexistent/bus.sock"), -1);
	assert_int_equal(errno, ENOENT);
	assert_true((listener = wire_listen(path)) >= 0);
	assert_int_equal(wire_accept(listener, &(uid_t){0}), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(listener);
}

int
main(void)
{
#define AT_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_encoded_is_decoded_again),
	    cmocka_unit_test(a_packet_may_be_a_header_alone),
	    cmocka_unit_test(the_limits_fit_exactly),
	    cmocka_unit_test(every_other_size_is_refused),
	    cmocka_unit_test(headers_of_another_version_op_kind_or_length_are_refused),
	    cmocka_unit_test(no_bytes_whatever_break_the_decoder),
	    AT_A_PLACE(packets_go_over_the_socket_one_by_one),
	    AT_A_PLACE(the_largest_packet_passes_and_a_larger_one_is_refused),
	    AT_A_PLACE(what_is_no_packet_is_dropped_and_the_next_one_is_read),
	    AT_A_PLACE(a_full_queue_is_said_at_once_and_empties_again),
	    AT_A_PLACE(the_death_of_the_other_end_is_seen_without_a_signal),
	    AT_A_PLACE(the_socket_is_for_owner_and_group_only),
	    AT_A_PLACE(a_dead_daemons_socket_is_replaced_and_a_live_ones_is_not),
	    AT_A_PLACE(places_where_no_socket_can_be_are_errors),
	};

	return cmocka_run_group_tests_name("shared/wire", tests, NULL, NULL);
}
