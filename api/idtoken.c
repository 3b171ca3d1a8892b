/* SPDX-License-Identifier: MIT */
#include "idtoken.h"

#include "field.h"
#include "shared/crypt.h"
#include "strictjson.h"

#include <jansson.h>

#define TOKEN_MAX    32768
#define LEEWAY       60 /* seconds that clocks may differ */
#define NICKNAME_MAX 30

struct profile {
	const char *nickname;
};

static const struct field profile_fields[] = {
    TEXT_FIELD(struct profile, nickname, 1, NICKNAME_MAX, FIELD_REQUIRED | FIELD_LINE),
    END_FIELD,
};

static void
drop_json(void *json)
{
	json_decref(json);
}

static const char *
text_of(const json_t *json, const char *name)
{
	const char *s = json_string_value(json_object_get(json, name));

	return s == NULL ? "" : s;
}

/* The middle one of three parts, decoded and parsed; it goes with the arena. NULL if it is not
 * that. */
static json_t *
payload(struct arena *mem, struct str token)
{
	const char *first = memchr(token.p, '.', token.n), *second, *why;
	char *bytes;
	json_t *json;
	size_t n;

	if (token.n > TOKEN_MAX || first == NULL)
		return NULL;
	first++;
	second = memchr(first, '.', token.n - (size_t)(first - token.p));
	if (second == NULL)
		return NULL;
	n = (size_t)(second - first);
	bytes = arena_alloc(mem, n + 1);
	if (!crypt_unb64((struct str){first, n}, bytes, n + 1, &n) ||
	    (json = strictjson_parse((struct str){bytes, n}, &why)) == NULL)
		return NULL;
	arena_defer(mem, drop_json, json);
	return json;
}

/* aud is our client or a list with it; where there are others too, azp must say that the token was
 * made for us. */
static bool
is_audience(const json_t *claims, const char *client)
{
	const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp");
	bool found = false;
	const json_t *one;
	size_t i;

	if (azp != NULL && strcmp(text_of(claims, "azp"), client) != 0)
		return false;
	if (json_is_string(aud))
		return strcmp(json_string_value(aud), client) == 0;
	json_array_foreach (aud, i, one)
		found =
		    found || (json_is_string(one) && strcmp(json_string_value(one), client) == 0);
	return found && (json_array_size(aud) == 1 || azp != NULL);
}

static bool
is_subject(const char *s)
{
	if (s[0] == '\0' || strlen(s) > IDTOKEN_SUBJECT_MAX)
		return false;
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

/* What is left of a name without control characters, cut to our length; NULL if our rules don't
 * take that either. */
static const char *
fit_name(struct arena *mem, const char *name)
{
	char *out = arena_alloc(mem, strlen(name) + 1), *end = out;
	json_t *object, *problems = json_array();
	size_t characters = 0;
	struct profile in;
	bool ok;

	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < 0x20 || c == 0x7f)
			continue;
		if ((c & 0xc0) != 0x80 && ++characters > NICKNAME_MAX)
			break;
		*end++ = *name;
	}
	*end = '\0';
	object = json_pack("{s:s}", "nickname", out);
	ok = field_read(profile_fields, object, &in, mem, problems);
	json_decref(object);
	json_decref(problems);
	return ok ? out : NULL;
}

static const char *
nickname(struct arena *mem, const json_t *claims)
{
	static const char *const names[] = {"nickname", "name", "preferred_username"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *fit = fit_name(mem, text_of(claims, names[i]));

		if (fit != NULL)
			return fit;
	}
	return "";
}

/* What is wrong with the claims; NULL: nothing. */
static const char *
judge(const json_t *claims, const struct idtoken_expected *e)
{
	if (strcmp(text_of(claims, "iss"), e->issuer) != 0)
		return "another issuer";
	if (!is_audience(claims, e->client_id))
		return "another client";
	if (json_number_value(json_object_get(claims, "exp")) + LEEWAY <= (double)e->now)
		return "too old";
	if (e->nonce[0] == '\0' || strcmp(text_of(claims, "nonce"), e->nonce) != 0)
		return "another nonce";
	if (!is_subject(text_of(claims, "sub")))
		return "no usable subject";
	return NULL;
}

bool
idtoken_read(struct arena *mem, struct str token, const struct idtoken_expected *expected,
    struct idtoken *out, const char **why)
{
	const json_t *claims = token.n == 0 ? NULL : payload(mem, token);

	*why = claims == NULL ? "no token" : judge(claims, expected);
	if (*why != NULL)
		return false;
	out->subject = text_of(claims, "sub");
	out->nickname = nickname(mem, claims);
	return true;
}
