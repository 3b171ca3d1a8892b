/* SPDX-License-Identifier: MIT */
#include "push/tap.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX 1000

/* Feeds bytes in pieces of one size and returns the first code. */
static unsigned
feed(struct tap *t, const void *bytes, size_t n, size_t piece)
{
	const unsigned char *p = bytes;
	unsigned code = 0;

	for (size_t i = 0; i < n && code == 0; i += piece)
		code = tap_feed(t, p + i, n - i < piece ? n - i : piece, MAX);
	return code;
}

/* The same result must come out however the stream is cut. */
static unsigned
feed_all_ways(const void *bytes, size_t n, enum tap_state *end)
{
	struct tap whole = {.state = TAP_FRAME};
	unsigned code = feed(&whole, bytes, n, n);

	for (size_t piece = 1; piece < n; piece++) {
		struct tap t = {.state = TAP_FRAME};

		assert_int_equal(feed(&t, bytes, n, piece), code);
		assert_int_equal(t.state, whole.state);
		assert_true(t.left == whole.left && t.sum == whole.sum);
	}
	*end = (enum tap_state)whole.state;
	return code;
}

#define MASK 1, 2, 3, 4

static void
rules_of_frames(void **state)
{
	static const struct {
		const char *what;
		unsigned code;
		size_t n;
		unsigned char bytes[24];
	} rows[] = {
	    {"empty text", 0, 6, {0x81, 0x80, MASK}},
	    {"text", 0, 8, {0x81, 0x82, MASK, 'x', 'y'}},
	    {"binary", 0, 7, {0x82, 0x81, MASK, 'x'}},
	    {"ping, pong", 0, 13, {0x89, 0x81, MASK, 'x', 0x8a, 0x80, MASK}},
	    {"close", 0, 8, {0x88, 0x82, MASK, 3, 0xe8}},
	    {"close without a code", 0, 6, {0x88, 0x80, MASK}},
	    {"close with half a code", 1002, 7, {0x88, 0x81, MASK, 3}},
	    {"fragments with a ping between", 0, 20,
		{0x01, 0x81, MASK, 'x', 0x89, 0x80, MASK, 0x80, 0x81, MASK, 'y'}},
	    {"unmasked text", 1002, 3, {0x81, 0x01, 'x'}},
	    {"unmasked empty text", 1002, 2, {0x81, 0x00}},
	    {"unmasked ping", 1002, 2, {0x89, 0x00}},
	    {"unmasked second frame", 1002, 9, {0x81, 0x81, MASK, 'x', 0x81, 0x00}},
	    {"reserved bit 1", 1002, 2, {0xc1, 0x80}},
	    {"reserved bit 3", 1002, 2, {0x91, 0x80}},
	    {"opcode 3", 1002, 2, {0x83, 0x80}},
	    {"opcode 7", 1002, 2, {0x87, 0x80}},
	    {"opcode 11", 1002, 2, {0x8b, 0x80}},
	    {"opcode 15", 1002, 2, {0x8f, 0x80}},
	    {"fragmented ping", 1002, 2, {0x09, 0x80}},
	    {"ping of 126", 1002, 2, {0x89, 0xfe}},
	    {"ping of 125", 0, 2, {0x89, 0xfd}},
	    {"continuation of nothing", 1002, 2, {0x80, 0x80}},
	    {"text inside a message", 1002, 12, {0x01, 0x80, MASK, 0x81, 0x80}},
	    {"2^63", 1002, 3, {0x81, 0xff, 0x80}},
	    {"as long as allowed", 0, 8, {0x81, 0xfe, MAX >> 8, MAX & 255, MASK}},
	    {"one longer", 1009, 8, {0x81, 0xfe, (MAX + 1) >> 8, (MAX + 1) & 255, MASK}},
	    {"2^56", 1009, 14, {0x81, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, MASK}},
	    {"2^63 - 1", 1009, 14,
		{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MASK}},
	};
	enum tap_state end;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned code = feed_all_ways(rows[i].bytes, rows[i].n, &end);

		if (code != rows[i].code)
			fail_msg("%s: %u", rows[i].what, code);
		assert_int_equal(end == TAP_BROKEN, code != 0);
	}
}

/* A frame with n bytes of payload; returns its size. */
static size_t
frame(unsigned char *out, unsigned char first, size_t n)
{
	size_t at = 0;

	out[at++] = first;
	if (n < 126) {
		out[at++] = (unsigned char)(0x80 | n);
	} else {
		out[at++] = 0xfe;
		out[at++] = (unsigned char)(n >> 8);
		out[at++] = (unsigned char)n;
	}
	memset(out + at, 0x81, 4 + n); /* payload that looks like headers */
	return at + 4 + n;
}

static void
fragments_are_added_up(void **state)
{
	unsigned char bytes[4000];
	enum tap_state end;
	size_t n = 0;

	(void)state;
	n += frame(bytes + n, 0x01, 500);
	n += frame(bytes + n, 0x80, 500);
	n += frame(bytes + n, 0x01, 999); /* counts from zero again */
	n += frame(bytes + n, 0x89, 125); /* is not part of it */
	assert_int_equal(feed_all_ways(bytes, n, &end), 0);
	n += frame(bytes + n, 0x80, 2);
	assert_int_equal(feed_all_ways(bytes, n, &end), 1009);
}

static void
frames_begin_after_the_empty_line(void **state)
{
	static const char head[] = "GET / HTTP/1.1\r\nA: \r\r\n\r\n";
	static const unsigned char after[] = {0x81, 0x00};

	(void)state;
	for (size_t piece = 1; piece < sizeof(head); piece++) {
		struct tap t = {.state = TAP_HEAD};

		assert_int_equal(feed(&t, head, sizeof(head) - 1, piece), 0);
		assert_int_equal(t.state, TAP_FRAME);
		assert_int_equal(feed(&t, after, sizeof(after), 1), 1002);
	}
}

static void
random_bytes_never_pass_twice(void **state)
{
	unsigned char bytes[64];

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 20000; i++) {
		enum tap_state end;

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (unsigned char)random();
		(void)feed_all_ways(bytes, (size_t)random() % sizeof(bytes) + 1, &end);
	}
}

static unsigned told;

static void
tell(void *owner, unsigned code)
{
	*(unsigned *)owner = code;
}

static void
recv_withholds_what_broke_the_rules(void **state)
{
	static const char head[] = "GET / HTTP/1.1\r\n\r\n";
	char room[100];
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	tap_start(64, MAX, tell);
	tap_watch(fd[0]);
	assert_false(tap_own(fd[0], &told)); /* the request is not complete */
	assert_int_equal(write(fd[1], head, sizeof(head) - 1), sizeof(head) - 1);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), sizeof(head) - 1);
	assert_true(tap_own(fd[0], &told));
	assert_int_equal(write(fd[1],
			     "\x81\x81"
			     "abcdx",
			     7),
	    7);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), 7);
	assert_int_equal(told, 0);
	assert_int_equal(write(fd[1], "\x81\x01x", 3), 3);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(told, 1002);
	told = 0;
	assert_int_equal(write(fd[1],
			     "\x81\x80"
			     "abcd",
			     6),
	    6);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), -1);
	assert_int_equal(told, 0); /* told once */
	tap_stop();
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), 1); /* nobody watches now */
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void
after_the_end_only_a_close_frame_counts(void **state)
{
	/* Pieces of frames, the last one with the end of a close frame. */
	static const char *const pieces[] = {
	    "\x81\x83 abcd x", "yz\x82\x85 abcd 01234\x88", "\x82 abcd \x03", "\xe8"};
	char room[8];
	int fd[2];

	(void)state;
	told = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	tap_start(64, 1, tell); /* no message is too big any more */
	tap_watch(fd[0]);
	assert_int_equal(write(fd[1], "\r\n\r\n", 4), 4);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), 4);
	assert_true(tap_own(fd[0], &told));
	tap_disown(fd[0]);
	for (unsigned i = 0; i < 4; i++) {
		for (const char *p = pieces[i]; *p != '\0'; p++)
			assert_true(*p == ' ' || write(fd[1], p, 1) == 1);
		errno = 0;
		assert_int_equal(recv(fd[0], room, sizeof(room), 0), i == 3 ? 0 : -1);
		assert_int_equal(errno, i == 3 ? 0 : EAGAIN);
	}
	assert_int_equal(told, 0);
	tap_stop();
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void
early_frames_are_noticed(void **state)
{
	static const char bytes[] = "GET / HTTP/1.1\r\n\r\n\x81\x80"
				    "abcd";
	char room[100];
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	tap_start(64, MAX, tell);
	tap_watch(fd[0]);
	assert_int_equal(write(fd[1], bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
	assert_int_equal(recv(fd[0], room, sizeof(room), 0), sizeof(bytes) - 1);
	assert_false(tap_own(fd[0], &told));
	assert_false(tap_own(9999, &told));
	tap_stop();
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void *
read_elsewhere(void *fd)
{
	char room[100];

	return recv(*(int *)fd, room, sizeof(room), 0) == 3 ? fd : NULL;
}

/* A descriptor that a client had is a connection to another server in another thread now. */
static void
other_threads_read_past_the_tap(void **state)
{
	pthread_t thread;
	void *result;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	tap_start(64, MAX, tell);
	tap_watch(fd[0]);
	tap_disown(fd[0]);
	assert_int_equal(write(fd[1], "abc", 3), 3);
	assert_int_equal(pthread_create(&thread, NULL, read_elsewhere, fd), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, fd);
	tap_stop();
	(void)close(fd[0]);
	(void)close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_of_frames),
	    cmocka_unit_test(fragments_are_added_up),
	    cmocka_unit_test(frames_begin_after_the_empty_line),
	    cmocka_unit_test(random_bytes_never_pass_twice),
	    cmocka_unit_test(recv_withholds_what_broke_the_rules),
	    cmocka_unit_test(after_the_end_only_a_close_frame_counts),
	    cmocka_unit_test(early_frames_are_noticed),
	    cmocka_unit_test(other_threads_read_past_the_tap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
