/* SPDX-License-Identifier: MIT */
/* The keyed hash behind table.h. */
#include "table.h"

#include "crypt.h"

static uint64_t seed, factor = 1;

void
table_init(void)
{
	seed = crypt_random64();
	factor = crypt_random64() | 1; /* odd: multiplying loses nothing */
}

uint32_t
table_hash(const void *key, size_t size)
{
	const unsigned char *p = key;
	uint64_t h = seed ^ size;

	for (size_t i = 0; i < size; i++) {
		h = (h ^ p[i]) * factor;
		h ^= h >> 32; /* high bits depend on the whole key: let them into the low ones */
	}
	return (uint32_t)(h >> 16);
}
