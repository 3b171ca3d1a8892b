/* SPDX-License-Identifier: MIT */
#include "query.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *
decode(struct arena *mem, struct str s, char space)
{
	char *out = arena_alloc(mem, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] == space ? ' ' : s.p[i];

		if (c == '%') {
			int high = i + 1 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	return out;
}

const char *
query_value(struct arena *mem, struct str query, const char *name)
{
	size_t len = strlen(name);

	while (query.n > 0) {
		const char *end = memchr(query.p, '&', query.n);
		size_t n = end == NULL ? query.n : (size_t)(end - query.p);

		if (n > len && memcmp(query.p, name, len) == 0 && query.p[len] == '=')
			return decode(mem, (struct str){query.p + len + 1, n - len - 1}, '+');
		n += end != NULL;
		query = (struct str){query.p + n, query.n - n};
	}
	return NULL;
}

const char *
query_decode(struct arena *mem, struct str text)
{
	return decode(mem, text, ' ');
}

void
query_encode(struct buf *out, struct str text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c != '\0' && strchr(plain, c) != NULL)
			buf_addch(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}
