/* SPDX-License-Identifier: MIT */
/* link: shared.a */
/* The right to subscribe. A signed claim is good and says what was signed; with any byte of the
 * text or of its subject changed, added or left out it is not. And of texts that come from the
 * fuzzer only those are good whose signature is the one that the secret gives. */
#include "fuzz.h"

#include "shared/claim.h"

#define SECRET   STR("0123456789abcdef0123456789abcdef")
#define TIME_MAX ((int64_t)1 << 53)

static struct claim_subject
make_subject(struct bytes *b)
{
	struct claim_subject s = {.secret = SECRET};

	s.key = take_text(b, 1);
	s.socket_id = take_text(b, 1);
	s.channel = take_text(b, 1);
	s.channel_data = take_text(b, 2);
	if (s.key.n > 64)
		s.key.n = 64;
	return s;
}

static struct claim
make_claim(struct bytes *b)
{
	return (struct claim){
	    .user = take_number(b, 8),
	    .session = take_number(b, 8),
	    .time = (int64_t)(take_number(b, 8) % (uint64_t)TIME_MAX),
	    .head = take_number(b, 8),
	    .mid = take_number(b, 8),
	    .from = take_number(b, 8),
	};
}

static bool
is_same(const struct claim *a, const struct claim *b)
{
	return a->user == b->user && a->session == b->session && a->time == b->time &&
	       a->head == b->head && a->mid == b->mid && a->from == b->from;
}

/* The signature as claim.h describes it. */
static void
sign(const struct claim_subject *s, struct str claims, char hex[CRYPT_HEX_SIZE])
{
	struct buf text;

	buf_init(&text, 1 << 20);
	if (claims.n > 0)
		buf_addstr(&text, "claims:");
	buf_add(&text, s->socket_id.p, s->socket_id.n);
	buf_addch(&text, ':');
	buf_add(&text, s->channel.p, s->channel.n);
	if (claims.n > 0 || s->channel_data.n > 0) {
		buf_addch(&text, ':');
		buf_add(&text, s->channel_data.p, s->channel_data.n);
	}
	if (claims.n > 0) {
		buf_addch(&text, ':');
		buf_add(&text, claims.p, claims.n);
	}
	crypt_hmac_hex(SECRET, (struct str){text.p, text.n}, hex);
	buf_finish(&text);
}

/* A text of the fuzzer's. */
static void
check_any(const struct claim_subject *s, struct str auth)
{
	struct str own = alone(auth), claims = {NULL, 0};
	struct claim out;
	char hex[CRYPT_HEX_SIZE];
	size_t at = s->key.n + 1, end = at + 2 * CRYPT_HASH;
	enum claim_result result = claim_check(s, own, 0, &out);

	if (result != CLAIM_BAD) {
		CHECK(own.n >= end && own.n != end + 1);
		if (own.n > end)
			claims = (struct str){own.p + end + 1, own.n - end - 1};
		sign(s, claims, hex);
		CHECK(memcmp(own.p, s->key.p, s->key.n) == 0 && own.p[at - 1] == ':');
		CHECK(memcmp(own.p + at, hex, end - at) == 0);
		CHECK((result == CLAIM_FOREIGN) == (claims.n == 0));
	}
	drop(own);
}

/* The same text with one byte changed (0), left out (1) or put in (2). */
static struct str
change(struct str s, struct bytes *b)
{
	unsigned how = take(b) % 3;
	size_t at = s.n == 0 ? 0 : take_number(b, 2) % s.n;
	char *p = malloc(s.n + 1), c = (char)take(b);
	size_t tail = at + (how != 2);

	CHECK(p != NULL);
	if (s.n == 0) {
		*p = c;
		return (struct str){p, 1};
	}
	memcpy(p, s.p, at);
	if (how == 0)
		p[at] = c != s.p[at] ? c : (char)(c ^ 1);
	else if (how == 2)
		p[at] = c;
	memcpy(p + at + (how != 1), s.p + tail, s.n - tail);
	return (struct str){p, s.n - (how == 1) + (how == 2)};
}

/* One change of one part of what belongs together: it must not be good any more. */
static void
check_changed(struct claim_subject s, struct str auth, int64_t now, struct bytes *b)
{
	struct str *parts[] = {&auth, &s.key, &s.socket_id, &s.channel, &s.channel_data};
	struct str *part = parts[take(b) % (sizeof(parts) / sizeof(parts[0]))];
	struct str changed = change(*part, b);
	struct claim out;

	*part = changed;
	CHECK(claim_check(&s, auth, now, &out) == CLAIM_BAD);
	drop(changed);
}

static void
check_signed(const struct claim_subject *s, struct bytes *b)
{
	struct claim c = make_claim(b), out;
	int64_t age = (int64_t)take_number(b, 3) - (1 << 23), now = c.time + age;
	bool stale = age > CLAIM_MAX_AGE || age < -CLAIM_MAX_AGE;
	struct buf auth;

	buf_init(&auth, 1000);
	claim_sign(s, &c, &auth);
	CHECK(!auth.full && auth.n <= CLAIM_TEXT_MAX);
	CHECK(claim_check(s, (struct str){auth.p, auth.n}, now, &out) ==
	      (stale ? CLAIM_STALE : CLAIM_OURS));
	CHECK(is_same(&c, &out));
	while (b->n > 0)
		check_changed(*s, (struct str){auth.p, auth.n}, c.time, b);
	buf_finish(&auth);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct claim_subject s;
	unsigned how = take(&b);

	fuzz_begin();
	s = make_subject(&b);
	if (how == 0)
		check_any(&s, take_rest(&b));
	else
		check_signed(&s, &b);
	return 0;
}
