/* SPDX-License-Identifier: MIT */
/* The checksums behind digest.h, and the only file of shared/ that sees libmd. */
#include "digest.h"

#include <errno.h>
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)65536)

struct digest {
	SHA2_CTX sha256;
	MD5_CTX md5;
	unsigned char chunk[CHUNK];
};

struct digest *
digest_create(void)
{
	struct digest *d = malloc(sizeof(*d));

	if (d == NULL)
		abort();
	digest_reset(d);
	return d;
}

void
digest_destroy(struct digest *d)
{
	free(d);
}

void
digest_reset(struct digest *d)
{
	SHA256Init(&d->sha256);
	MD5Init(&d->md5);
}

void
digest_add(struct digest *d, const void *bytes, size_t n)
{
	SHA256Update(&d->sha256, bytes, n);
	MD5Update(&d->md5, bytes, n);
}

bool
digest_add_file(struct digest *d, int fd, off_t from, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(fd, d->chunk, n < CHUNK ? n : CHUNK, from);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got == 0 ? 0 : errno;
			return false;
		}
		digest_add(d, d->chunk, (size_t)got);
		from += got;
		n -= (size_t)got;
	}
	return true;
}

static void
write_hex(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void
digest_end(struct digest *d, struct digest_sums *out)
{
	unsigned char sha256[SHA256_DIGEST_LENGTH];

	SHA256Final(sha256, &d->sha256);
	MD5Final(out->md5_bytes, &d->md5);
	write_hex(sha256, sizeof(sha256), out->sha256);
	write_hex(out->md5_bytes, sizeof(out->md5_bytes), out->md5);
}

/* One of the two passes: the key, changed by a byte, and then what is hashed. */
static void
sha1_keyed(const unsigned char key[SHA1_BLOCK_LENGTH], unsigned char change, struct str data,
    unsigned char out[DIGEST_SHA1])
{
	unsigned char changed[SHA1_BLOCK_LENGTH];
	SHA1_CTX sha1;

	for (size_t i = 0; i < sizeof(changed); i++)
		changed[i] = key[i] ^ change;
	SHA1Init(&sha1);
	SHA1Update(&sha1, changed, sizeof(changed));
	SHA1Update(&sha1, (const unsigned char *)data.p, data.n);
	SHA1Final(out, &sha1);
}

void
digest_hmac_sha1(struct str key, struct str data, unsigned char out[DIGEST_SHA1])
{
	unsigned char block[SHA1_BLOCK_LENGTH] = {0}, inner[DIGEST_SHA1];

	if (key.n > sizeof(block)) {
		SHA1_CTX sha1;

		SHA1Init(&sha1);
		SHA1Update(&sha1, (const unsigned char *)key.p, key.n);
		SHA1Final(block, &sha1);
	} else if (key.n > 0) {
		memcpy(block, key.p, key.n);
	}
	sha1_keyed(block, 0x36, data, inner);
	sha1_keyed(block, 0x5c, (struct str){(const char *)inner, sizeof(inner)}, out);
}
