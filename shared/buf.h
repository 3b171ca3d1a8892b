/* SPDX-License-Identifier: MIT */
/* Strings with a length, and one growing buffer with a hard maximum.
 *
 * A buffer that would pass its maximum sets `full` and takes nothing more; the writer checks once,
 * at the end. Out of memory aborts.
 */
#ifndef MARU_BUF_H
#define MARU_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A piece of text that somebody else owns; not NUL-terminated. p may be NULL when n is 0. */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

static inline struct str
str_of(const char *s)
{
	return (struct str){s, s == NULL ? 0 : strlen(s)};
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

struct buf {
	char *p; /* NUL-terminated once anything was added; NULL before */
	size_t n;
	size_t size;
	size_t max; /* most bytes of content */
	bool full;  /* something did not fit: the content is not to be used */
};

void buf_init(struct buf *b, size_t max);
void buf_finish(struct buf *b); /* accepts a zeroed buffer */
void buf_clear(struct buf *b);  /* empty again, memory kept */
void buf_add(struct buf *b, const char *p, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);

/* Adds text as the inside of a JSON string (RFC 8259 section 7): quotes, backslashes and control
 * characters escaped as jansson does it, everything else byte for byte. The quotes around it are
 * the caller's. */
void buf_addjson(struct buf *b, const char *p, size_t n);

#endif
