/* SPDX-License-Identifier: MIT */
#include "oidcstate.h"

#include "shared/crypt.h"
#include "strictjson.h"

#include <jansson.h>
#include <stdlib.h>

#define TEXT_MAX 2000
#define MAC_TEXT 43 /* 32 bytes as base64url */

/* The word in front keeps these signatures apart from those of access tokens. */
static void
sign(struct arena *mem, struct str secret, struct str text, char mac[CRYPT_B64_SIZE(CRYPT_HASH)])
{
	const char *named = arena_printf(mem, "oidc-state:%.*s", (int)text.n, text.p);
	unsigned char bytes[CRYPT_HASH];

	crypt_hmac(secret, str_of(named), bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
}

static void
drop_json(void *json)
{
	json_decref(json);
}

const char *
oidcstate_seal(struct arena *mem, struct str secret, const struct oidcstate *s)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "p", s->provider, "s",
	    s->state, "n", s->nonce, "v", s->verifier, "b", s->back, "u", (json_int_t)s->user, "d",
	    (json_int_t)s->session, "e", (json_int_t)s->expires);
	char *text = json_dumps(json, JSON_COMPACT), *coded, mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	size_t n = text == NULL ? 0 : strlen(text);

	coded = arena_alloc(mem, CRYPT_B64_SIZE(n));
	crypt_b64(text == NULL ? "" : text, n, coded);
	free(text);
	json_decref(json);
	sign(mem, secret, str_of(coded), mac);
	return arena_printf(mem, "%s.%s", coded, mac);
}

static const char *
text_of(const json_t *json, const char *name)
{
	const char *s = json_string_value(json_object_get(json, name));

	return s == NULL ? "" : s;
}

static uint64_t
number_of(const json_t *json, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(json, name));
}

static bool
read_payload(struct arena *mem, struct str coded, struct oidcstate *out)
{
	char *bytes = arena_alloc(mem, coded.n + 1);
	const char *why;
	json_t *json;
	size_t n;

	if (!crypt_unb64(coded, bytes, coded.n + 1, &n) ||
	    (json = strictjson_parse((struct str){bytes, n}, &why)) == NULL)
		return false;
	arena_defer(mem, drop_json, json);
	*out = (struct oidcstate){
	    .provider = text_of(json, "p"),
	    .state = text_of(json, "s"),
	    .nonce = text_of(json, "n"),
	    .verifier = text_of(json, "v"),
	    .back = text_of(json, "b"),
	    .user = number_of(json, "u"),
	    .session = number_of(json, "d"),
	    .expires = (int64_t)number_of(json, "e"),
	};
	return true;
}

bool
oidcstate_open(
    struct arena *mem, struct str secret, struct str text, int64_t now, struct oidcstate *out)
{
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	struct str coded;

	if (text.n > TEXT_MAX || text.n < 1 + 1 + MAC_TEXT)
		return false;
	coded = (struct str){text.p, text.n - MAC_TEXT - 1};
	if (text.p[coded.n] != '.' || memchr(coded.p, '\0', coded.n) != NULL)
		return false;
	sign(mem, secret, coded, mac);
	return crypt_equal(mac, text.p + coded.n + 1, MAC_TEXT) && read_payload(mem, coded, out) &&
	       out->state[0] != '\0' && out->expires > now;
}

bool
oidcstate_is_path(const char *s)
{
	if (s[0] != '/' || s[1] == '/' || s[1] == '\\' || strlen(s) > OIDCSTATE_BACK_MAX)
		return false;
	for (; *s != '\0'; s++) {
		if (*s <= ' ' || *s > '~' || *s == '\\')
			return false;
	}
	return true;
}
