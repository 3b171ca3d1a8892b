/* SPDX-License-Identifier: MIT */
#include "token.h"

#include "shared/crypt.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* base64url of {"alg":"HS256","typ":"JWT"}, with its dot. */
#define HEADER      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define PAYLOAD_MAX 256
#define MAC_TEXT    43 /* 32 bytes as base64url */

static void
sign(struct str text, struct str secret, char mac[CRYPT_B64_SIZE(CRYPT_HASH)])
{
	unsigned char bytes[CRYPT_HASH];

	crypt_hmac(secret, text, bytes);
	crypt_b64(bytes, sizeof(bytes), mac);
}

const char *
token_make(
    struct arena *mem, struct str secret, uint64_t user, uint64_t session, int64_t now, int64_t ttl)
{
	char payload[PAYLOAD_MAX], coded[CRYPT_B64_SIZE(PAYLOAD_MAX)];
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	const char *text;
	int n = snprintf(payload, sizeof(payload),
	    "{\"sub\":\"%" PRIu64 "\",\"sid\":%" PRIu64 ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}",
	    user, session, now, now + ttl);

	crypt_b64(payload, (size_t)n, coded);
	text = arena_printf(mem, HEADER "%s", coded);
	sign(str_of(text), secret, mac);
	return arena_printf(mem, "%s.%s", text, mac);
}

/* Reads the payload of a token whose signature was right. */
static enum err
read_payload(struct str coded, int64_t now, uint64_t *user, uint64_t *session)
{
	char payload[PAYLOAD_MAX];
	enum err e = ERR_UNAUTHENTICATED;
	const char *sub;
	json_t *json;
	size_t n;

	if (!crypt_unb64(coded, payload, sizeof(payload), &n) ||
	    (json = json_loadb(payload, n, JSON_REJECT_DUPLICATES, NULL)) == NULL)
		return e;
	if ((sub = json_string_value(json_object_get(json, "sub"))) != NULL) {
		*user = strtoull(sub, NULL, 10);
		*session = (uint64_t)json_integer_value(json_object_get(json, "sid"));
		if (*user != 0 && *session != 0)
			e = json_integer_value(json_object_get(json, "exp")) > now
				? OK
				: ERR_TOKEN_EXPIRED;
	}
	json_decref(json);
	return e;
}

enum err
token_check(struct str token, struct str secret, int64_t now, uint64_t *user, uint64_t *session)
{
	const size_t header = sizeof(HEADER) - 1;
	char mac[CRYPT_B64_SIZE(CRYPT_HASH)];
	struct str text;

	if (token.n < header + 1 + MAC_TEXT + 1 || memcmp(token.p, HEADER, header) != 0)
		return ERR_UNAUTHENTICATED;
	text = (struct str){token.p, token.n - MAC_TEXT - 1};
	if (token.p[text.n] != '.')
		return ERR_UNAUTHENTICATED;
	sign(text, secret, mac);
	if (!crypt_equal(mac, token.p + text.n + 1, MAC_TEXT))
		return ERR_UNAUTHENTICATED;
	return read_payload((struct str){text.p + header, text.n - header}, now, user, session);
}
