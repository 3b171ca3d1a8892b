/* SPDX-License-Identifier: MIT */
/* link: shared.a */
/* Packets of the bus: whatever is decoded is encoded to the same bytes again, and what was encoded
 * is decoded to the same packet. The first byte says where the bytes come from: 0 the rest as it
 * is; else a packet made of the rest, with some of its bytes changed afterwards. */
#include "fuzz.h"

#include "shared/wire.h"

/* Every member of a packet, from the fuzzer's bytes. */
static struct wire_packet
make(struct bytes *b)
{
	struct wire_packet p = {
	    .op = (enum wire_op)take(b),
	    .kind = (enum wire_kind)take(b),
	    .stream = take_number(b, 8),
	    .seq = take_number(b, 8),
	    .mid = take_number(b, 8),
	    .prev = take_number(b, 8),
	    .user = take_number(b, 8),
	    .session = take_number(b, 8),
	    .sender = take_number(b, 8),
	    .time = (int64_t)take_number(b, 8),
	};

	p.channel = take_text(b, 1);
	p.body = take_text(b, 2);
	return p;
}

static bool
is_same(const struct wire_packet *a, const struct wire_packet *b)
{
	return a->op == b->op && a->kind == b->kind && a->stream == b->stream && a->seq == b->seq &&
	       a->mid == b->mid && a->prev == b->prev && a->user == b->user &&
	       a->session == b->session && a->sender == b->sender && a->time == b->time &&
	       str_eq(a->channel, b->channel) && str_eq(a->body, b->body);
}

static bool
is_ours(const struct wire_packet *p)
{
	return p->op > 0 && p->op < WIRE_OP_END && p->kind <= WIRE_SYSTEM;
}

static void
decode(struct str bytes)
{
	static char again[WIRE_MAX];
	struct wire_packet p;
	struct str own = alone(bytes);

	if (wire_decode(own.p, own.n, &p)) {
		CHECK(is_ours(&p) && p.channel.n <= WIRE_CHANNEL_MAX);
		CHECK(wire_encode(&p, again) == own.n && memcmp(again, own.p, own.n) == 0);
	}
	drop(own);
}

static void
encode(struct bytes *b)
{
	static char bytes[WIRE_MAX];
	struct wire_packet p = make(b), out;
	size_t n = wire_encode(&p, bytes);

	CHECK((n == 0) == (p.channel.n > WIRE_CHANNEL_MAX)); /* bodies are short enough here */
	if (n == 0)
		return;
	CHECK(wire_decode(bytes, n, &out) == is_ours(&p));
	CHECK(!is_ours(&p) || is_same(&p, &out));
	while (b->n > 0) {
		size_t at = take_number(b, 2) % n;

		bytes[at] = (char)take(b);
		decode((struct str){bytes, n});
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};

	fuzz_begin();
	if (take(&b) == 0)
		decode(take_rest(&b));
	else
		encode(&b);
	return 0;
}
