/* SPDX-License-Identifier: MIT */
#include "crypt.h"

#include <sodium.h>

#define ARGON_PASSES 2
#define ARGON_MEMORY ((size_t)19 << 20)

_Static_assert(CRYPT_HASH == crypto_auth_hmacsha256_BYTES, "HMAC-SHA256 has 32 bytes");
_Static_assert(CRYPT_STORED_SIZE >= crypto_pwhash_STRBYTES, "a stored hash fits");

bool
crypt_init(void)
{
	return sodium_init() >= 0;
}

void
crypt_random(void *out, size_t n)
{
	randombytes_buf(out, n);
}

uint64_t
crypt_random64(void)
{
	uint64_t v;

	randombytes_buf(&v, sizeof(v));
	return v;
}

void
crypt_sha256(struct str data, unsigned char out[CRYPT_HASH])
{
	(void)crypto_hash_sha256(out, (const unsigned char *)data.p, data.n);
}

void
crypt_hmac(struct str key, struct str data, unsigned char out[CRYPT_HASH])
{
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.n);
	(void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)data.p, data.n);
	(void)crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof(state));
}

void
crypt_hmac_hex(struct str key, struct str data, char out[CRYPT_HEX_SIZE])
{
	unsigned char mac[CRYPT_HASH];

	crypt_hmac(key, data, mac);
	crypt_hex(mac, sizeof(mac), out);
}

bool
crypt_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

void
crypt_hex(const void *bytes, size_t n, char *out)
{
	(void)sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

void
crypt_b64(const void *bytes, size_t n, char *out)
{
	(void)sodium_bin2base64(
	    out, CRYPT_B64_SIZE(n), bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void
crypt_base64(const void *bytes, size_t n, char *out)
{
	(void)sodium_bin2base64(out, CRYPT_B64_SIZE(n), bytes, n, sodium_base64_VARIANT_ORIGINAL);
}

static bool
decode(struct str text, void *out, size_t size, size_t *n, int variant)
{
	const char *end = NULL;

	return sodium_base642bin(out, size, text.p, text.n, NULL, n, &end, variant) == 0 &&
	       end == text.p + text.n;
}

bool
crypt_unb64(struct str text, void *out, size_t size, size_t *n)
{
	return decode(text, out, size, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
crypt_unbase64(struct str text, void *out, size_t size, size_t *n)
{
	return decode(text, out, size, n, sodium_base64_VARIANT_ORIGINAL);
}

bool
crypt_password_hash(const char *password, char out[CRYPT_STORED_SIZE])
{
	return crypto_pwhash_str_alg(out, password, strlen(password), ARGON_PASSES, ARGON_MEMORY,
		   crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
crypt_password_verify(const char *stored, const char *password)
{
	return crypto_pwhash_str_verify(stored, password, strlen(password)) == 0;
}
