/* SPDX-License-Identifier: MIT */
/* Checksums of files as object stores want them: SHA-256, which signs what is sent, and MD5, which
 * they answer as ETag. Never more than 64 KiB of a file are in memory. And HMAC-SHA1, which TURN
 * servers want: it is as safe as ever there, but nothing new should be built on it (crypt.h).
 */
#ifndef MARU_DIGEST_H
#define MARU_DIGEST_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DIGEST_SHA256_SIZE 65 /* hexadecimal text with NUL */
#define DIGEST_MD5_SIZE    33
#define DIGEST_MD5         16 /* bytes */
#define DIGEST_SHA1        20

struct digest;

struct digest_sums {
	char sha256[DIGEST_SHA256_SIZE];
	char md5[DIGEST_MD5_SIZE];
	unsigned char md5_bytes[DIGEST_MD5];
};

struct digest *digest_create(void); /* aborts without memory */
void digest_destroy(struct digest *d);

/* Begins anew. */
void digest_reset(struct digest *d);

void digest_add(struct digest *d, const void *bytes, size_t n);

/* Adds n bytes of a file from this place on. False: they can't be read, or are not there (errno
 * 0). */
bool digest_add_file(struct digest *d, int fd, off_t from, size_t n);

/* What it comes to; begin anew after it. */
void digest_end(struct digest *d, struct digest_sums *out);

/* HMAC-SHA1 (RFC 2104) with a key of any length. */
void digest_hmac_sha1(struct str key, struct str data, unsigned char out[DIGEST_SHA1]);

#endif
