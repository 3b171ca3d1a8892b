/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: a reader that makes values of the fuzzer's bytes, a check that ends
 * the program, randomness that is the same in every run. Each target includes this once.
 *
 * A target is one function over any bytes, which libFuzzer calls some thousand times a second,
 * guided by the branches that were taken (https://llvm.org/docs/LibFuzzer.html). It must not keep
 * anything from one call to the next.
 */
#ifndef MARU_FUZZ_H
#define MARU_FUZZ_H

#include "shared/buf.h"
#include "shared/crypt.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) \
	((x) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #x)) /* like assert(), and stays on */

__attribute__((noreturn)) static inline void
fuzz_fail(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
	abort();
}

/* ---- the bytes ---- */

struct bytes {
	const uint8_t *p;
	size_t n;
};

/* After the last byte come zeros. */
static inline uint8_t
take(struct bytes *b)
{
	if (b->n == 0)
		return 0;
	b->n--;
	return *b->p++;
}

static inline uint64_t
take_number(struct bytes *b, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | take(b);
	return v;
}

/* Its length is in front of it, in one byte or two. */
static inline struct str
take_text(struct bytes *b, unsigned size)
{
	size_t n = take_number(b, size);
	struct str s;

	n = n > b->n ? b->n : n;
	s = (struct str){(const char *)b->p, n};
	b->p += n;
	b->n -= n;
	return s;
}

static inline struct str
take_rest(struct bytes *b)
{
	struct str s = {(const char *)b->p, b->n};

	b->p += b->n;
	b->n = 0;
	return s;
}

/* Up to the next such character, which is dropped, or all that is left. */
static inline struct str
take_until(struct bytes *b, char end)
{
	const uint8_t *p = b->n == 0 ? NULL : memchr(b->p, end, b->n);
	struct str s;

	if (p == NULL)
		return take_rest(b);
	s = (struct str){(const char *)b->p, (size_t)(p - b->p)};
	b->n -= s.n + 1;
	b->p = p + 1;
	return s;
}

/* The same text in a block of its own, which the sanitizer watches at both ends. */
static inline struct str
alone(struct str s)
{
	char *p = malloc(s.n == 0 ? 1 : s.n);

	CHECK(p != NULL);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){p, s.n};
}

/* Frees what alone() gave. */
static inline void
drop(struct str s)
{
	free((void *)(uintptr_t)s.p);
}

/* ---- randomness ---- */

static uint64_t fuzz_dice;

static inline const char *
fuzz_random_name(void)
{
	return "the same every time";
}

static inline uint32_t
fuzz_random(void)
{
	fuzz_dice = fuzz_dice * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(fuzz_dice >> 32);
}

static inline void
fuzz_random_buf(void *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)out)[i] = (unsigned char)fuzz_random();
}

/* At the beginning of each call: what crypt_random() gives from here on is always the same. */
static inline void
fuzz_begin(void)
{
	static randombytes_implementation same = {
	    .implementation_name = fuzz_random_name,
	    .random = fuzz_random,
	    .buf = fuzz_random_buf,
	};
	static bool started;

	fuzz_dice = 1;
	if (started)
		return;
	started = true;
	CHECK(randombytes_set_implementation(&same) == 0 && crypt_init());
}

#endif
