/* SPDX-License-Identifier: MIT */
/* The growing buffer behind buf.h. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void
buf_finish(struct buf *b)
{
	free(b->p);
	*b = (struct buf){.max = b->max};
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->full = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

/* Makes room for n more bytes and the NUL; false beyond the maximum. */
static bool
reserve(struct buf *b, size_t n)
{
	size_t size = b->size == 0 ? 256 : b->size;
	char *p;

	if (b->full || n > b->max - b->n) {
		b->full = true;
		return false;
	}
	while (size < b->n + n + 1)
		size *= 2;
	if (size == b->size)
		return true;
	if ((p = realloc(b->p, size)) == NULL)
		abort();
	b->p = p;
	b->size = size;
	return true;
}

void
buf_add(struct buf *b, const char *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

/* How a byte is written inside a JSON string; NULL: as it is. */
static const char *
escape(unsigned char c, char scratch[7])
{
	switch (c) {
	case '"': return "\\\"";
	case '\\': return "\\\\";
	case '\b': return "\\b";
	case '\f': return "\\f";
	case '\n': return "\\n";
	case '\r': return "\\r";
	case '\t': return "\\t";
	default: break;
	}
	if (c >= 0x20)
		return NULL;
	(void)snprintf(scratch, 7, "\\u%04X", c);
	return scratch;
}

void
buf_addjson(struct buf *b, const char *p, size_t n)
{
	char scratch[7];
	const char *e;
	size_t i, plain = 0;

	for (i = 0; i < n; i++) {
		if ((e = escape((unsigned char)p[i], scratch)) == NULL)
			continue;
		buf_add(b, p + plain, i - plain);
		buf_addstr(b, e);
		plain = i + 1;
	}
	buf_add(b, p + plain, n - plain);
}
