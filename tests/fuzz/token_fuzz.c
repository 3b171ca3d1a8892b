/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Access tokens: nothing is taken that does not carry the signature of the secret, whatever it says
 * about itself; what was made is taken, and not with any character changed. The first byte says
 * what the rest is: 0 a token, 1 the payload of one that is properly signed, else numbers of one
 * that is made and then changed. */
#include "fuzz.h"

#include "api/token.h"

#define SECRET STR("0123456789abcdef0123456789abcdef")
#define NOW    1700000000
#define ID_MAX ((uint64_t)1 << 63)
#define MAC_LEN                                                                          \
	(CRYPT_B64_SIZE(CRYPT_HASH) - 2) /* 43: without the padding that the size counts \
					  */

static void
sign(struct str text, char mac[CRYPT_B64_SIZE(CRYPT_HASH)])
{
	unsigned char bytes[CRYPT_HASH];

	crypt_hmac(SECRET, text, bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
}

static enum err
check(struct str token, uint64_t *user, uint64_t *session)
{
	struct str own = alone(token);
	enum err e = token_check(own, SECRET, NOW, user, session);

	CHECK(e == OK || e == ERR_UNAUTHENTICATED || e == ERR_TOKEN_EXPIRED);
	drop(own);
	return e;
}

static void
check_any(struct str token)
{
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	uint64_t user = 0, session = 0;

	if (check(token, &user, &session) == ERR_UNAUTHENTICATED)
		return;
	CHECK(token.n > MAC_LEN && user != 0 && session != 0);
	token.n -= MAC_LEN;
	sign((struct str){token.p, token.n - 1}, mac);
	CHECK(memcmp(token.p + token.n, mac, MAC_LEN) == 0);
}

/* Only our own secret can have signed it: it may be anything, but must be read without harm. */
static void
check_payload(struct arena *mem, struct str payload)
{
	static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
	char *coded = arena_alloc(mem, CRYPT_B64_SIZE(payload.n));
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	const char *text;

	crypt_b64(payload.p, payload.n, coded);
	text = arena_printf(mem, "%s.%s", header, coded);
	sign(str_of(text), mac);
	check_any(str_of(arena_printf(mem, "%s.%s", text, mac)));
}

static void
check_made(struct arena *mem, struct bytes *b)
{
	uint64_t user = 1 + take_number(b, 8) % (ID_MAX - 1), found_user;
	uint64_t session = 1 + take_number(b, 8) % (ID_MAX - 1), found_session;
	int64_t ttl = (int64_t)take_number(b, 3) - (1 << 20);
	const char *made = token_make(mem, SECRET, user, session, NOW, ttl);
	char *token = arena_strdup(mem, made);
	size_t n = strlen(token);

	CHECK(check(str_of(token), &found_user, &found_session) ==
	      (ttl > 0 ? OK : ERR_TOKEN_EXPIRED));
	CHECK(found_user == user && found_session == session);
	while (b->n > 0) {
		size_t at = take_number(b, 2) % n;
		char c = (char)take(b);

		token[at] = c != token[at] ? c : (char)(c ^ 1);
		CHECK(strcmp(token, made) == 0 ||
		      check((struct str){token, n}, &user, &session) == ERR_UNAUTHENTICATED);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct arena mem;
	unsigned how = take(&b);

	fuzz_begin();
	arena_init(&mem);
	if (how == 0)
		check_any(take_rest(&b));
	else if (how == 1)
		check_payload(&mem, take_rest(&b));
	else
		check_made(&mem, &b);
	arena_finish(&mem);
	return 0;
}
