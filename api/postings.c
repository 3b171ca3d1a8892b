/* SPDX-License-Identifier: MIT */
#include "postings.h"

#include <stdbool.h>

#define DIGIT_BITS 5
#define DIGIT_MORE 32 /* another digit follows */
#define FIRST      '#'
#define SKIPPED    '\\'

static char
encode(uint32_t digit)
{
	char c = (char)(FIRST + digit);

	return (char)(c + (c >= SKIPPED));
}

void
postings_add(struct buf *out, uint32_t *last, uint32_t number)
{
	uint32_t left = *last == UINT32_MAX ? number : number - *last - 1;

	for (; left >= DIGIT_MORE; left >>= DIGIT_BITS)
		buf_addch(out, encode(DIGIT_MORE | (left & (DIGIT_MORE - 1))));
	buf_addch(out, encode(left));
	*last = number;
}

/* Reads the next number of a list; false at its end. */
static bool
next(const char **list, uint32_t *last)
{
	uint32_t value = 0, digit;
	unsigned shift = 0;

	do {
		char c = **list;

		if (c < FIRST || c > FIRST + 2 * DIGIT_MORE || shift > 30)
			return false;
		digit = (uint32_t)(c - FIRST - (c > SKIPPED));
		value |= (digit & (DIGIT_MORE - 1)) << shift;
		shift += DIGIT_BITS;
		(*list)++;
	} while (digit & DIGIT_MORE);
	*last += value + 1; /* from UINT32_MAX the first one is the value itself */
	return true;
}

size_t
postings_read(const char *list, uint32_t *out)
{
	uint32_t last = UINT32_MAX;
	size_t n = 0;

	while (next(&list, &last))
		out[n++] = last;
	return n;
}

size_t
postings_meet(const char *list, uint32_t *numbers, size_t n)
{
	uint32_t last = UINT32_MAX;
	size_t kept = 0, i = 0;

	while (i < n && next(&list, &last)) {
		while (i < n && numbers[i] < last)
			i++;
		if (i < n && numbers[i] == last)
			numbers[kept++] = numbers[i++];
	}
	return kept;
}
