/* SPDX-License-Identifier: MIT */
/* Everything cryptographic, and the only file that sees libsodium. */
#ifndef MARU_CRYPT_H
#define MARU_CRYPT_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPT_HASH         32                      /* bytes of SHA-256 and HMAC-SHA256 */
#define CRYPT_HEX_SIZE     (2 * CRYPT_HASH + 1)    /* the same as hexadecimal text with NUL */
#define CRYPT_PASSWORD_MAX 128                     /* longest password that is hashed, in bytes */
#define CRYPT_STORED_SIZE  128                     /* size of a stored password hash with NUL */
#define CRYPT_B64_SIZE(n)  (((n) + 2) / 3 * 4 + 1) /* text of n bytes as base64url, with NUL */

/* Prepares the library; call once at start. False if the system has no randomness. */
bool crypt_init(void);

void crypt_random(void *out, size_t n);
uint64_t crypt_random64(void);

void crypt_sha256(struct str data, unsigned char out[CRYPT_HASH]);

/* HMAC-SHA256 (RFC 2104) with a key of any length. */
void crypt_hmac(struct str key, struct str data, unsigned char out[CRYPT_HASH]);

/* The same as lower-case hexadecimal text. */
void crypt_hmac_hex(struct str key, struct str data, char out[CRYPT_HEX_SIZE]);

/* Compares without telling by its duration where the difference is. */
bool crypt_equal(const void *a, const void *b, size_t n);

/* Lower-case hexadecimal text; out has room for 2 n + 1. */
void crypt_hex(const void *bytes, size_t n, char *out);

/* base64url without padding (RFC 4648 section 5); out has room for CRYPT_B64_SIZE(n). */
void crypt_b64(const void *bytes, size_t n, char *out);

/* The other alphabet, with padding (RFC 4648 section 4), as letters have it; the same room. */
void crypt_base64(const void *bytes, size_t n, char *out);

/* Decodes base64url without padding into out; false if it is not that or does not fit. */
bool crypt_unb64(struct str text, void *out, size_t size, size_t *n);
/* The same for base64 with its padding (RFC 4648, section 4). */
bool crypt_unbase64(struct str text, void *out, size_t size, size_t *n);

/* Hashes a password with Argon2id (19 MiB, 2 passes: OWASP's recommendation for servers).
 * Takes about 40 ms of one core. False if memory is short. */
bool crypt_password_hash(const char *password, char out[CRYPT_STORED_SIZE]);
bool crypt_password_verify(const char *stored, const char *password);

#endif
