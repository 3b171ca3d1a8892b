/* SPDX-License-Identifier: MIT */
/* What somebody types to search for messages: words, "phrases", and operators. All of them must
 * hold.
 *
 *   from:name from:me  in:room  has:link|mention|sticker|poll  before:2026-12-31 after:2026-12-31
 *
 * `after` begins with that day, `before` ends with the day before. Whatever else has a colon is a
 * word.
 */
#ifndef MARU_SEARCHQUERY_H
#define MARU_SEARCHQUERY_H

#include "shared/arena.h"

#include <stddef.h>
#include <stdint.h>

#define SEARCHQUERY_MAX   200 /* characters */
#define SEARCHQUERY_TERMS 10

struct searchquery {
	const char *terms[SEARCHQUERY_TERMS]; /* folded (said.h) */
	size_t n;
	const char *from;           /* NULL: anybody */
	uint64_t room;              /* 0: any */
	unsigned marks;             /* enum said_mark */
	const char *before, *after; /* days, "2026-12-31", or NULL */
};

/* Reads a query; texts are in the arena. What is wrong with it, as a sentence after "q", or NULL:
 * nothing is. */
const char *searchquery_parse(struct arena *mem, const char *q, struct searchquery *out);

#endif
