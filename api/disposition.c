/* SPDX-License-Identifier: MIT */
#include "disposition.h"

#include "query.h"

#include <stdint.h>

#define EXTENSION_MAX 16

/* Takes the next character off the text; UINT32_MAX is a byte that is no UTF-8 (RFC 3629). */
static uint32_t
take_character(struct str *s, struct str *bytes)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s->p[0];
	unsigned n = first < 0x80                    ? 1
		     : first >= 0xc2 && first < 0xe0 ? 2
		     : first >= 0xe0 && first < 0xf0 ? 3
		     : first >= 0xf0 && first < 0xf5 ? 4
						     : 0;
	uint32_t c = n < 2 ? first : first & (0x7fU >> n);
	bool good = n > 0 && n <= s->n;

	for (unsigned i = 1; good && i < n; i++) {
		good = ((unsigned char)s->p[i] & 0xc0) == 0x80;
		c = c << 6 | ((unsigned char)s->p[i] & 0x3f);
	}
	good = good && c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
	*bytes = (struct str){s->p, good ? n : 1};
	*s = (struct str){s->p + bytes->n, s->n - bytes->n};
	return good ? c : UINT32_MAX;
}

static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* Marks, embeddings, overrides and isolates of the bidirectional algorithm. */
static bool
is_direction(uint32_t c)
{
	return c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static struct str
last_part(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/' && path.p[n - 1] != '\\')
		n--;
	return (struct str){path.p + n, path.n - n};
}

/* How many bytes of the text end with a whole character, and are no more than max. */
static size_t
whole(struct str s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Without blanks and dots at the end: Windows can't keep them, and nobody sees them. */
static size_t
trimmed(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '.'))
		n--;
	return n;
}

/* Shortens the name in front of its extension. */
static const char *
shorten(struct arena *mem, struct str s)
{
	const char *dot = memrchr(s.p, '.', s.n);
	size_t rest = dot == NULL ? 0 : s.n - (size_t)(dot - s.p), n;

	rest = rest > EXTENSION_MAX ? 0 : rest;
	n = whole(s, DISPOSITION_NAME_MAX - rest);
	return arena_printf(mem, "%.*s%.*s", (int)(rest == 0 ? trimmed(s.p, n) : n), s.p, (int)rest,
	    s.p + s.n - rest);
}

const char *
disposition_name(struct arena *mem, struct str raw)
{
	struct str rest = last_part(raw), bytes;
	char *out = arena_alloc(mem, 3 * rest.n + 1);
	size_t n = 0;

	while (rest.n > 0) {
		uint32_t c = take_character(&rest, &bytes);

		if (c == UINT32_MAX)
			bytes = STR("\xef\xbf\xbd"); /* U+FFFD */
		else if (is_direction(c))
			continue;
		else if (is_control(c))
			bytes = STR("_");
		memcpy(out + n, bytes.p, bytes.n);
		n += bytes.n;
	}
	n = trimmed(out, n);
	while (n > 0 && *out == ' ') {
		out++;
		n--;
	}
	out[n] = '\0';
	return n <= DISPOSITION_NAME_MAX ? out : shorten(mem, (struct str){out, n});
}

/* One character for one; '%' because some decode what stands behind it (RFC 6266, appendix D). */
static bool
add_ascii(struct buf *out, struct str name)
{
	bool same = true;
	struct str bytes;

	while (name.n > 0) {
		uint32_t c = take_character(&name, &bytes);
		bool good = c >= ' ' && c < 0x7f && strchr("\"\\%", (int)c) == NULL;

		buf_addch(out, good ? (char)c : '_');
		same = same && good;
	}
	return same;
}

/* query_encode() leaves fewer characters alone than RFC 8187 allows. */
static void
add_extended(struct buf *out, struct str name)
{
	struct str bytes;

	while (name.n > 0) {
		if (take_character(&name, &bytes) == UINT32_MAX)
			bytes = STR("\xef\xbf\xbd");
		query_encode(out, bytes);
	}
}

void
disposition_add(struct buf *out, bool attachment, const char *name)
{
	buf_addstr(out, attachment ? "attachment" : "inline");
	if (*name == '\0')
		return;
	buf_addstr(out, "; filename=\"");
	if (add_ascii(out, str_of(name))) {
		buf_addch(out, '"');
		return;
	}
	buf_addstr(out, "\"; filename*=UTF-8''");
	add_extended(out, str_of(name));
}
