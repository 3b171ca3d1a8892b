/* SPDX-License-Identifier: MIT */
/* Signing and checking behind claim.h. */
#include "claim.h"

#include "crypt.h"

#include <inttypes.h>
#include <stdio.h>

/* Longest signed text: names and data are limited before they come here. */
#define SIGNED_MAX 65536

#define HEX_LEN (2 * CRYPT_HASH)

static void
sign(const struct claim_subject *s, struct str claims, char hex[CRYPT_HEX_SIZE])
{
	struct buf text;

	buf_init(&text, SIGNED_MAX);
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
	/* A text that was cut is signed with a secret that nobody has: it never matches. */
	if (text.full)
		crypt_random(text.p, text.n);
	crypt_hmac_hex(s->secret, (struct str){text.p, text.n}, hex);
	buf_finish(&text);
}

void
claim_sign(const struct claim_subject *s, const struct claim *c, struct buf *out)
{
	char claims[160], hex[CRYPT_HEX_SIZE];
	int n = snprintf(claims, sizeof(claims),
	    "%" PRIu64 ".%" PRIu64 ".%" PRId64 ".%" PRIu64 ".%" PRIu64 ".%" PRIu64, c->user,
	    c->session, c->time, c->head, c->mid, c->from);

	sign(s, (struct str){claims, (size_t)n}, hex);
	buf_add(out, s->key.p, s->key.n);
	buf_printf(out, ":%s:%s", hex, claims);
}

/* Takes decimal digits off the front of *s; false if there are none or too many. */
static bool
take_number(struct str *s, uint64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(s->p[i] - '0'), value))
			return false;
	}
	*s = (struct str){s->p + i, s->n - i};
	return i > 0;
}

static bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = (struct str){s->p + 1, s->n - 1};
	return true;
}

static bool
parse_claims(struct str s, struct claim *out)
{
	uint64_t time;

	if (!take_number(&s, &out->user) || !take_char(&s, '.') ||
	    !take_number(&s, &out->session) || !take_char(&s, '.') || !take_number(&s, &time) ||
	    !take_char(&s, '.') || !take_number(&s, &out->head) || !take_char(&s, '.') ||
	    !take_number(&s, &out->mid) || !take_char(&s, '.') || !take_number(&s, &out->from) ||
	    s.n != 0 || time > INT64_MAX)
		return false;
	out->time = (int64_t)time;
	return true;
}

enum claim_result
claim_check(const struct claim_subject *s, struct str auth, int64_t now, struct claim *out)
{
	char hex[CRYPT_HEX_SIZE];
	struct str rest, claims = {NULL, 0};

	*out = (struct claim){0};
	if (auth.n > CLAIM_TEXT_MAX || auth.n < s->key.n + 1 + HEX_LEN ||
	    memcmp(auth.p, s->key.p, s->key.n) != 0 || auth.p[s->key.n] != ':')
		return CLAIM_BAD;
	rest = (struct str){auth.p + s->key.n + 1, auth.n - s->key.n - 1};
	if (rest.n > HEX_LEN) {
		if (rest.p[HEX_LEN] != ':' || rest.n == HEX_LEN + 1)
			return CLAIM_BAD;
		claims = (struct str){rest.p + HEX_LEN + 1, rest.n - HEX_LEN - 1};
	}
	sign(s, claims, hex);
	if (!crypt_equal(hex, rest.p, HEX_LEN))
		return CLAIM_BAD;
	if (claims.n == 0)
		return CLAIM_FOREIGN;
	if (!parse_claims(claims, out))
		return CLAIM_BAD;
	if (out->time < now - CLAIM_MAX_AGE || out->time > now + CLAIM_MAX_AGE)
		return CLAIM_STALE;
	return CLAIM_OURS;
}

static void
sign_person(const struct claim_subject *s, char hex[CRYPT_HEX_SIZE])
{
	const struct claim_subject person = {
	    .secret = s->secret,
	    .socket_id = s->socket_id,
	    .channel = STR(":user:"),
	    .channel_data = s->channel_data,
	};

	sign(&person, (struct str){NULL, 0}, hex);
}

void
claim_sign_person(const struct claim_subject *s, struct buf *out)
{
	char hex[CRYPT_HEX_SIZE];

	sign_person(s, hex);
	buf_add(out, s->key.p, s->key.n);
	buf_printf(out, ":%s", hex);
}

bool
claim_check_person(const struct claim_subject *s, struct str auth)
{
	char hex[CRYPT_HEX_SIZE];

	if (auth.n != s->key.n + 1 + HEX_LEN || memcmp(auth.p, s->key.p, s->key.n) != 0 ||
	    auth.p[s->key.n] != ':')
		return false;
	sign_person(s, hex);
	return crypt_equal(hex, auth.p + s->key.n + 1, HEX_LEN);
}
