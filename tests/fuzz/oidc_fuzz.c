/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* What comes back from OpenID providers and browsers. An ID token that is taken has a subject that
 * may be stored and a nickname by our rules, and says what it must; a state that is opened is one
 * that was sealed, to the last character; a page to go back to is on this server. The first byte
 * says what the rest is: 0 a token, 1 the claims of one, 2 a cookie, 3 the payload of a signed one,
 * 4 a path, else a state that is sealed and then changed. */
#include "fuzz.h"

#include "api/idtoken.h"
#include "api/oidcstate.h"

#include <jansson.h>

#define SECRET STR("0123456789abcdef0123456789abcdef")
#define NOW    1700000000

static const struct idtoken_expected expected = {"https://a.example", "maru", "nonce", NOW};

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	}
	return false;
}

static size_t
count_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
check_token(struct arena *mem, struct str token)
{
	struct str own = alone(token);
	struct idtoken out = {NULL, NULL};
	const char *why = NULL;
	bool ok = idtoken_read(mem, own, &expected, &out, &why);
	json_t *json;

	CHECK(ok == (why == NULL));
	if (ok) {
		CHECK(out.subject[0] != '\0' && strlen(out.subject) <= IDTOKEN_SUBJECT_MAX);
		CHECK(!has_control(out.subject) && !has_control(out.nickname));
		CHECK(count_characters(out.nickname) <= 30);
		json = json_string(out.nickname); /* NULL unless it is UTF-8 */
		CHECK(json != NULL);
		json_decref(json);
	}
	drop(own);
}

static void
check_claims(struct arena *mem, struct str claims)
{
	char *coded = arena_alloc(mem, CRYPT_B64_SIZE(claims.n));

	crypt_b64(claims.p, claims.n, coded);
	check_token(mem, str_of(arena_printf(mem, "e30.%s.", coded)));
}

static bool
open_state(struct arena *mem, struct str text, struct oidcstate *out)
{
	struct str own = alone(text);
	bool ok = oidcstate_open(mem, SECRET, own, NOW, out);

	if (ok)
		CHECK(out->state[0] != '\0' && out->provider != NULL && out->nonce != NULL &&
		      out->verifier != NULL && out->back != NULL && out->expires > NOW);
	drop(own);
	return ok;
}

/* Nobody but us can have signed it: it may be anything, but must be read without harm. */
static void
check_payload(struct arena *mem, struct str payload)
{
	char *coded = arena_alloc(mem, CRYPT_B64_SIZE(payload.n));
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	unsigned char bytes[CRYPT_HASH];
	struct oidcstate out;

	crypt_b64(payload.p, payload.n, coded);
	crypt_hmac(SECRET, str_of(arena_printf(mem, "oidc-state:%s", coded)), bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
	(void)open_state(mem, str_of(arena_printf(mem, "%s.%s", coded, mac)), &out);
}

static void
check_path(struct arena *mem, struct str text)
{
	const char *s = arena_strndup(mem, text.p == NULL ? "" : text.p, text.n);

	if (oidcstate_is_path(s))
		CHECK(s[0] == '/' && s[1] != '/' && strpbrk(s, "\r\n\t \\") == NULL);
}

static void
check_sealed(struct arena *mem, struct bytes *b)
{
	struct oidcstate out, s = {"p", "state", "nonce", "verifier", "/", take_number(b, 4),
				  take_number(b, 4), NOW + 1 + (int64_t)take_number(b, 2)};
	const char *made = oidcstate_seal(mem, SECRET, &s);
	char *text = arena_strdup(mem, made);
	size_t n = strlen(text);

	CHECK(open_state(mem, str_of(made), &out));
	CHECK(strcmp(out.verifier, "verifier") == 0 && out.user == s.user &&
	      out.session == s.session && out.expires == s.expires);
	while (b->n > 0) {
		size_t at = take_number(b, 2) % n;
		char c = (char)take(b);

		text[at] = c != text[at] ? c : (char)(c ^ 1);
		CHECK(strcmp(text, made) == 0 || !open_state(mem, (struct str){text, n}, &out));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct oidcstate out;
	struct arena mem;
	unsigned how = take(&b);

	fuzz_begin();
	arena_init(&mem);
	if (how == 0)
		check_token(&mem, take_rest(&b));
	else if (how == 1)
		check_claims(&mem, take_rest(&b));
	else if (how == 2)
		CHECK(!open_state(&mem, take_rest(&b), &out));
	else if (how == 3)
		check_payload(&mem, take_rest(&b));
	else if (how == 4)
		check_path(&mem, take_rest(&b));
	else
		check_sealed(&mem, &b);
	arena_finish(&mem);
	return 0;
}
