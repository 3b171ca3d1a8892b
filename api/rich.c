/* SPDX-License-Identifier: MIT */
/* See rich.h. Nothing here knows Markdown (markup.c) or people (mentions.c). */
#include "rich.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
rich_init(struct rich *t, struct arena *mem, const char *text)
{
	*t = (struct rich){.mem = mem, .text = text};
}

static bool
crosses(const struct span *a, const struct span *b)
{
	return (a->from < b->from && b->from < a->to && a->to < b->to) ||
	       (b->from < a->from && a->from < b->to && b->to < a->to);
}

bool
rich_add(struct rich *t, struct span span)
{
	if (t->n == RICH_SPANS_MAX)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (crosses(&span, &t->spans[i]))
			return false;
	}
	if (t->spans == NULL)
		t->spans = arena_alloc(t->mem, RICH_SPANS_MAX * sizeof(*t->spans));
	t->spans[t->n++] = span;
	return true;
}

bool
rich_is_closed(const struct rich *t, size_t at)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct span *s = &t->spans[i];

		if ((s->type == SPAN_CODE || s->type == SPAN_PRE || s->type == SPAN_LINK) &&
		    at >= s->from && at < s->to)
			return true;
	}
	return false;
}

/* ---- letters ---- */

/* In UTF-8 these scripts (U+00C0 to U+052F) are two bytes from c3 80 on; two signs among them are
 * no letters. */
static bool
is_letter(unsigned char lead, unsigned char next)
{
	return lead >= 0xc3 && lead <= 0xd4 && !(lead == 0xc3 && (next == 0x97 || next == 0xb7));
}

static bool
is_ascii_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

bool
rich_is_word_at(const char *text, size_t at)
{
	const unsigned char *s = (const unsigned char *)text + at;

	return is_ascii_word(s[0]) || (s[0] >= 0x80 && is_letter(s[0], s[1]));
}

bool
rich_is_word_before(const char *text, size_t at)
{
	const unsigned char *s = (const unsigned char *)text;

	if (at == 0)
		return false;
	return is_ascii_word(s[at - 1]) || (at > 1 && is_letter(s[at - 2], s[at - 1]));
}

/* ---- links ---- */

/* Characters that end an address: blanks and control characters, what marks addresses off, and
 * invisible characters that make them look like others (U+200B to U+200F, U+2028 to U+202E, U+2060
 * to U+206F, U+FEFF), the blank of East Asian scripts and its brackets and full stops (U+3000 to
 * U+3011). */
static bool
ends_link(const unsigned char *s, size_t n)
{
	if (*s <= 0x20 || *s == 0x7f || strchr("<>\"`\\^{|}", *s) != NULL)
		return true;
	if (n >= 2 && s[0] == 0xc2 && s[1] <= 0xa0)
		return true;
	if (n < 3)
		return false;
	if (s[0] == 0xe2 && s[1] == 0x80)
		return (s[2] >= 0x8b && s[2] <= 0x8f) || (s[2] >= 0xa8 && s[2] <= 0xae);
	if (s[0] == 0xe2 && s[1] == 0x81)
		return s[2] >= 0xa0 && s[2] <= 0xaf;
	return (s[0] == 0xe3 && s[1] == 0x80 && s[2] <= 0x91) ||
	       (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf);
}

/* Whether a bracket at the end closes one within. */
static bool
is_balanced(const char *s, size_t n, char open, char close)
{
	size_t opened = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == open)
			opened++;
		else if (s[i] == close && opened-- == 0)
			return false;
	}
	return true;
}

/* Without what belongs to the sentence around it. */
static size_t
trim_link(const char *s, size_t n)
{
	for (; n > 0; n--) {
		char c = s[n - 1];

		if (strchr(".,:;!?'*_~", c) != NULL)
			continue;
		if (c == ')' && !is_balanced(s, n, '(', ')'))
			continue;
		if (c == ']' && !is_balanced(s, n, '[', ']'))
			continue;
		break;
	}
	return n;
}

size_t
rich_link_length(const char *s, size_t n)
{
	size_t scheme = n >= 8 && strncasecmp(s, "https://", 8) == 0  ? 8
			: n >= 7 && strncasecmp(s, "http://", 7) == 0 ? 7
								      : 0;
	size_t len = scheme;

	if (scheme == 0)
		return 0;
	while (len < n && !ends_link((const unsigned char *)s + len, n - len))
		len++;
	len = trim_link(s, len);
	if (len <= scheme)
		return 0;
	return is_ascii_word((unsigned char)s[scheme]) || (unsigned char)s[scheme] >= 0x80 ||
		       s[scheme] == '['
		   ? len
		   : 0;
}

void
rich_find_links(struct rich *t)
{
	const char *found = t->text;
	size_t n = strlen(t->text);

	while ((found = strpbrk(found, "hH")) != NULL) {
		size_t at = (size_t)(found - t->text), len = rich_link_length(found, n - at);

		if (len == 0 || rich_is_word_before(t->text, at) || rich_is_closed(t, at)) {
			found++;
			continue;
		}
		(void)rich_add(t, (struct span){SPAN_LINK, at, at + len, {found, len}, 0});
		found += len;
	}
}

/* ---- writing ---- */

/* Code units of UTF-16: characters beyond U+FFFF are two. */
static size_t
units(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		count += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
	}
	return count;
}

/* The place in a text before which there are so many code units. */
static size_t
place(const char *s, size_t count)
{
	size_t at = 0;

	while (s[at] != '\0' && count > 0) {
		size_t n = 1;

		while (((unsigned char)s[at + n] & 0xc0) == 0x80)
			n++;
		count -= units(s + at, n);
		at += n;
	}
	return at;
}

void
rich_replace(struct rich *t, const char *text)
{
	if (units(text, strlen(text)) != units(t->text, strlen(t->text)))
		t->n = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct span *s = &t->spans[i];

		s->to = place(text, units(t->text, s->to));
		s->from = place(text, units(t->text, s->from));
	}
	t->text = text;
}

static int
compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return (int)x->type - (int)y->type;
}

static void
write_word(struct buf *out, const char *name, struct str word)
{
	buf_printf(out, ",\"%s\":\"", name);
	buf_addjson(out, word.p, word.n);
	buf_addch(out, '"');
}

static void
write_span(struct buf *out, const struct span *s, size_t offset, size_t length)
{
	static const char *const names[] = {
	    "quote", "pre", "link", "bold", "italic", "strike", "code", "mention", "mention_all"};

	buf_printf(out, "%s{\"type\":\"%s\",\"offset\":%zu,\"length\":%zu", out->n > 1 ? "," : "",
	    names[s->type], offset, length);
	if (s->type == SPAN_LINK)
		write_word(out, "url", s->word);
	if (s->type == SPAN_PRE && s->word.n > 0)
		write_word(out, "language", s->word);
	if (s->type == SPAN_MENTION)
		buf_printf(out, ",\"user\":%llu", (unsigned long long)s->user);
	buf_addch(out, '}');
}

const char *
rich_entities(struct rich *t)
{
	size_t at = 0, offset = 0, fits;
	struct buf out;
	const char *text;

	if (t->n == 0)
		return NULL;
	qsort(t->spans, t->n, sizeof(*t->spans), compare);
	buf_init(&out, 2 * RICH_JSON_MAX);
	buf_addch(&out, '[');
	for (size_t i = 0; i < t->n && !out.full; i++) {
		const struct span *s = &t->spans[i];

		offset += units(t->text + at, s->from - at);
		at = s->from;
		fits = out.n;
		write_span(&out, s, offset, units(t->text + at, s->to - at));
		if (out.full || out.n >= RICH_JSON_MAX) {
			out.n = fits;
			break;
		}
	}
	text = out.n <= 1 ? NULL : arena_printf(t->mem, "%.*s]", (int)out.n, out.p);
	buf_finish(&out);
	return text;
}
