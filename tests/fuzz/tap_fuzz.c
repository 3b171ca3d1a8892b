/* SPDX-License-Identifier: MIT */
/* link: push.a shared.a */
/* The guard of frames: its verdict must be that of RFC 6455 over the whole stream, and the same
 * however the stream is cut. First the maximum, then the places of the cuts, then the stream. */
#include "fuzz.h"

#include "push/tap.h"

#define CUTS 16

/* What the book says about a stream that begins with a frame. */
struct verdict {
	unsigned code;
	size_t at; /* bytes up to the one that earned it */
};

/* How long the header of a frame is that has this second byte. */
static size_t
header_size(uint8_t second)
{
	return (second & 0x7f) < 126 ? 6 : (second & 0x7f) == 126 ? 8 : 14;
}

/* The length that a whole header tells: in its second byte, or in those before the mask. */
static uint64_t
read_length(const uint8_t *p)
{
	size_t size = header_size(p[1]);
	uint64_t length = size == 6 ? p[1] & 0x7f : 0;

	for (size_t i = 2; i < size - 4; i++)
		length = length << 8 | p[i];
	return length;
}

static bool
is_first_byte_fine(uint8_t c, bool partly)
{
	unsigned op = c & 0x0f;

	if ((c & 0x70) != 0)
		return false;
	if (op >= 8)
		return op <= 10 && (c & 0x80) != 0;
	return op <= 2 && (op == 0) == partly;
}

static bool
is_second_byte_fine(const uint8_t *p)
{
	unsigned op = p[0] & 0x0f, n = p[1] & 0x7f;

	return (p[1] & 0x80) != 0 && (op < 8 || n < 126) && (op != 8 || n != 1);
}

/* After how many bytes of its header a frame is wrong, as far as they tell; 0: it is not. */
static size_t
find_fault(const uint8_t *p, size_t n, bool partly)
{
	if (n > 0 && !is_first_byte_fine(p[0], partly))
		return 1;
	if (n > 1 && !is_second_byte_fine(p))
		return 2;
	return n > 2 && header_size(p[1]) == 14 && (p[2] & 0x80) != 0 ? 3 : 0;
}

static struct verdict
judge(const uint8_t *p, size_t n, uint64_t max)
{
	bool partly = false;
	uint64_t sum = 0, length;
	size_t at = 0, fault;

	while ((fault = find_fault(p + at, n - at, partly)) == 0) {
		if (n - at < 2 || n - at < header_size(p[at + 1]))
			return (struct verdict){0, n};
		length = read_length(p + at);
		if ((p[at] & 0x08) == 0) {
			sum = (p[at] & 0x0f) != 0 ? 0 : sum;
			partly = (p[at] & 0x80) == 0;
			if (length > max || sum > max - length)
				return (struct verdict){1009, at + header_size(p[at + 1])};
			sum += length;
		}
		at += header_size(p[at + 1]);
		if (length >= n - at)
			return (struct verdict){0, n};
		at += length;
	}
	return (struct verdict){1002, at + fault};
}

/* Feeds a stream in pieces; returns the code, and after how many bytes it came. */
static unsigned
feed(struct tap *t, struct str s, const uint8_t *cuts, uint64_t max, size_t *done)
{
	size_t i = 0;

	for (unsigned k = 0; i < s.n; k++) {
		size_t n = k < CUTS ? cuts[k] : s.n - i;
		struct str piece = alone((struct str){s.p + i, n < s.n - i ? n : s.n - i});
		unsigned code = tap_feed(t, (const unsigned char *)piece.p, piece.n, max);

		i += piece.n;
		drop(piece);
		if (code != 0) {
			*done = i;
			return code;
		}
	}
	*done = i;
	return 0;
}

static void
check_cuts(struct str s, const uint8_t *cuts, uint64_t max, enum tap_state from)
{
	static const uint8_t uncut[CUTS];
	struct tap whole = {.state = (uint8_t)from}, cut = whole;
	size_t all, some;
	unsigned code = feed(&whole, s, uncut, max, &all);

	CHECK(feed(&cut, s, cuts, max, &some) == code);
	CHECK(some <= all && cut.state == whole.state && cut.partly == whole.partly);
	CHECK(cut.left == whole.left && cut.sum == whole.sum && cut.got == whole.got);
	CHECK((cut.state == TAP_BROKEN) == (code != 0));
	if (code != 0)
		CHECK(tap_feed(&cut, (const unsigned char *)"x", 1, max) == 0 &&
		      cut.state == TAP_BROKEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uncut[CUTS];
	struct bytes b = {data, size};
	struct tap t = {.state = TAP_FRAME};
	uint64_t max = take_number(&b, 2);
	uint8_t cuts[CUTS];
	struct verdict v;
	struct str s;
	size_t done;

	fuzz_begin();
	for (unsigned i = 0; i < CUTS; i++)
		cuts[i] = take(&b);
	s = take_rest(&b);
	check_cuts(s, cuts, max, TAP_FRAME);
	check_cuts(s, cuts, max, TAP_HEAD);
	v = judge((const uint8_t *)s.p, s.n, max);
	CHECK(feed(&t, (struct str){s.p, v.at}, uncut, max, &done) == v.code);
	t = (struct tap){.state = TAP_FRAME};
	CHECK(v.code == 0 || feed(&t, (struct str){s.p, v.at - 1}, uncut, max, &done) == 0);
	return 0;
}
