/* SPDX-License-Identifier: MIT */
/* The tap on the clients' bytes, see tap.h.
 *
 * Why recv(2) is defined here: libwebsockets 4.1.6 accepts unmasked frames and has no hook between
 * the socket and its parser (upstream checks masks since July 2026). It reads plain sockets with
 * recv(), and a program's own definition wins over the C library's; libwebsockets.so refers to
 * recv, so the linker exports ours. Descriptors that nobody tapped pass straight through, and so
 * does every other thread: what libcurl reads there may have the number of a client that has gone.
 */
#include "tap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>

#define FIN     0x80
#define RSV     0x70
#define OPCODE  0x0f
#define CONTROL 0x08 /* this bit of an opcode: close, ping, pong */
#define CLOSE   0x08
#define PONG    0x0a
#define BINARY  0x02
#define MASKED  0x80
#define LENGTH  0x7f

#define PROTOCOL_ERROR 1002
#define TOO_BIG        1009

static const unsigned char empty_line[] = {'\r', '\n', '\r', '\n'};

/* The first byte of a frame: reserved bits, opcode, and its place in a fragmented message. */
static unsigned
first_byte(struct tap *t, unsigned char c)
{
	unsigned op = c & OPCODE;

	t->op = c;
	if ((c & RSV) != 0 || op > PONG || (op > BINARY && op < CLOSE))
		return PROTOCOL_ERROR;
	if ((op & CONTROL) != 0)
		return (c & FIN) != 0 ? 0 : PROTOCOL_ERROR;
	if ((op == 0) != t->partly)
		return PROTOCOL_ERROR;
	if (op != 0)
		t->sum = 0;
	t->partly = (c & FIN) == 0;
	return 0;
}

/* The second byte: mask bit and length, which says how long the header is. */
static unsigned
second_byte(struct tap *t, unsigned char c)
{
	unsigned length = c & LENGTH;
	bool control = (t->op & CONTROL) != 0;

	if ((c & MASKED) == 0 || (control && length > 125))
		return PROTOCOL_ERROR;
	if ((t->op & OPCODE) == CLOSE && length == 1)
		return PROTOCOL_ERROR;
	t->left = length < 126 ? length : 0;
	t->size = length < 126 ? 6 : length == 126 ? 8 : 14;
	return 0;
}

/* The header is complete: is the message still short enough? */
static unsigned
header_done(struct tap *t, uint64_t max)
{
	t->got = 0;
	t->state = t->left > 0 ? TAP_BODY : TAP_FRAME;
	if ((t->op & CONTROL) != 0)
		return 0;
	if (t->left > max || t->sum > max - t->left)
		return TOO_BIG;
	t->sum += t->left;
	return 0;
}

static unsigned
header_byte(struct tap *t, unsigned char c, uint64_t max)
{
	unsigned code = 0;

	t->got++;
	if (t->got == 1)
		return first_byte(t, c);
	if (t->got == 2)
		return second_byte(t, c);
	if (t->got <= t->size - 4) { /* four bytes of mask end the header */
		if (t->size == 14 && t->got == 3 && (c & 0x80) != 0)
			return PROTOCOL_ERROR;
		t->left = t->left << 8 | c;
	}
	if (t->got == t->size)
		code = header_done(t, max);
	return code;
}

static void
head_byte(struct tap *t, unsigned char c)
{
	assert(t->got < sizeof(empty_line));
	if (c == empty_line[t->got])
		t->got++;
	else
		t->got = c == empty_line[0];
	if (t->got == sizeof(empty_line)) {
		t->got = 0;
		t->state = TAP_FRAME;
	}
}

unsigned
tap_feed(struct tap *t, const unsigned char *p, size_t n, uint64_t max)
{
	unsigned code;

	for (size_t i = 0; i < n;) {
		switch ((enum tap_state)t->state) {
		case TAP_HEAD: head_byte(t, p[i++]); break;
		case TAP_FRAME:
			if ((code = header_byte(t, p[i++], max)) != 0) {
				t->state = TAP_BROKEN;
				return code;
			}
			break;
		case TAP_BODY:
			if (t->left > n - i) {
				t->left -= n - i;
				return 0;
			}
			i += t->left;
			t->left = 0;
			t->state = TAP_FRAME;
			break;
		case TAP_OFF:
		case TAP_BROKEN: return 0;
		}
	}
	return 0;
}

static struct {
	struct tap *all; /* by descriptor */
	size_t files;
	uint64_t max;
	void (*broken)(void *owner, unsigned code);
} taps;

static _Thread_local bool is_loop; /* the thread that libwebsockets runs in */

void
tap_start(size_t files, uint64_t max, void (*broken)(void *, unsigned))
{
	if ((taps.all = calloc(files, sizeof(*taps.all))) == NULL)
		abort();
	is_loop = true;
	taps.files = files;
	taps.max = max;
	taps.broken = broken;
}

void
tap_stop(void)
{
	free(taps.all);
	taps.all = NULL;
	taps.files = 0;
}

static struct tap *
tap_of(int fd)
{
	return fd >= 0 && (size_t)fd < taps.files ? &taps.all[fd] : NULL;
}

void
tap_watch(int fd)
{
	struct tap *t = tap_of(fd);

	if (t != NULL)
		*t = (struct tap){.state = TAP_HEAD};
}

bool
tap_own(int fd, void *owner)
{
	struct tap *t = tap_of(fd);

	if (t == NULL || t->state != TAP_FRAME || t->got != 0 || t->op != 0)
		return false;
	t->owner = owner;
	return true;
}

void
tap_disown(int fd)
{
	struct tap *t = tap_of(fd);

	if (t == NULL)
		return;
	t->owner = NULL;
	t->over = true;
}

/* Reads and throws away, and looks for the close frame that ends what a client has to say. */
static ssize_t
drain(struct tap *t, int fd, int flags)
{
	static unsigned char waste[65536];
	ssize_t n = recvfrom(fd, waste, sizeof(waste), flags, NULL, NULL);

	if (n <= 0)
		return n;
	(void)tap_feed(t, waste, (size_t)n, UINT64_MAX);
	if (t->state == TAP_FRAME && t->got == 0 && (t->op & OPCODE) == CLOSE)
		return 0;
	errno = EAGAIN;
	return -1;
}

/* What the reader is told about bytes that must not reach it. */
static ssize_t
withhold(struct tap *t, unsigned code)
{
	errno = ECONNRESET;
	if (t->owner == NULL)
		return -1;
	if (code != 0)
		taps.broken(t->owner, code);
	errno = EAGAIN;
	return -1;
}

ssize_t
recv(int fd, void *room, size_t size, int flags)
{
	struct tap *t = is_loop ? tap_of(fd) : NULL;
	unsigned code;
	ssize_t n;

	if (t != NULL && t->over)
		return drain(t, fd, flags);
	n = recvfrom(fd, room, size, flags, NULL, NULL);
	if (n <= 0 || t == NULL || t->state == TAP_OFF)
		return n;
	if (t->state == TAP_BROKEN)
		return withhold(t, 0);
	code = tap_feed(t, room, (size_t)n, taps.max);
	return code == 0 ? n : withhold(t, code);
}
