/* SPDX-License-Identifier: MIT */
/* Folding changes lengths, so the text is cut into pieces that fold by themselves: mostly single
 * characters, or one with its accents. The word is looked for in what they fold to; what it touches
 * becomes stars. */
#include "wordmask.h"

#include "gram.h"
#include "shared/buf.h"

#include <string.h>

#define PIECE_MAX 64 /* bytes; more accents on a letter than this are none */

struct piece {
	const char *text; /* as it was written */
	size_t n;
	size_t at, len; /* in what was folded */
	bool touched;
};

struct cut {
	struct arena scratch;
	struct piece *pieces;
	size_t count;
	struct buf folded;
};

static size_t
character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* What some bytes fold to, within a text: at its ends blanks would be lost. Nothing joins up with
 * an underscore. */
static struct str
fold_within(struct arena *mem, const char *s, size_t n)
{
	const char *folded = gram_fold(mem, arena_printf(mem, "_%.*s_", (int)n, s));
	size_t len = folded == NULL ? 0 : strlen(folded);

	return len < 2 ? (struct str){"", 0} : (struct str){folded + 1, len - 2};
}

/* Whether what follows folds to something else after s than alone. */
static bool
joins(struct arena *mem, const char *s, size_t n, size_t more)
{
	struct str both = fold_within(mem, s, n + more), one = fold_within(mem, s, n),
		   next = fold_within(mem, s + n, more);

	return both.n != one.n + next.n || memcmp(both.p, one.p, one.n) != 0 ||
	       memcmp(both.p + one.n, next.p, next.n) != 0;
}

static void
cut_up(struct cut *c, const char *text)
{
	while (*text != '\0') {
		struct piece *p = &c->pieces[c->count++];
		struct str folded;

		*p = (struct piece){.text = text, .n = character(text), .at = c->folded.n};
		while (p->n < PIECE_MAX && text[p->n] != '\0' &&
		       joins(&c->scratch, text, p->n, character(text + p->n)))
			p->n += character(text + p->n);
		folded = fold_within(&c->scratch, text, p->n);
		buf_add(&c->folded, folded.p, folded.n);
		p->len = folded.n;
		text += p->n;
		arena_reset(&c->scratch);
	}
	buf_addch(&c->folded, '\0');
}

/* Marks the pieces that a word touches. */
static void
mark(struct cut *c, const char *word)
{
	size_t len = strlen(word), i = 0;

	for (const char *s = c->folded.p; len > 0 && (s = strstr(s, word)) != NULL; s += len) {
		size_t from = (size_t)(s - c->folded.p);

		while (i < c->count && c->pieces[i].at + c->pieces[i].len <= from)
			i++;
		for (; i < c->count && c->pieces[i].at < from + len; i++)
			c->pieces[i].touched = true;
	}
}

static const char *
with_stars(struct arena *mem, const struct cut *c, size_t max)
{
	char *out = arena_alloc(mem, max + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct piece *p = &c->pieces[i];

		if (!p->touched) {
			memcpy(out + n, p->text, p->n);
			n += p->n;
		} else if (p->len > 0) {
			out[n++] = '*';
		}
	}
	out[n] = '\0';
	return out;
}

/* Whether there is anything to do: mostly there is not, and folding the whole is quick. */
static bool
stands(struct arena *mem, const char *text, const char *const *words, size_t n)
{
	const char *whole = gram_fold(mem, text);
	bool found = false;

	for (size_t i = 0; whole != NULL && i < n && !found; i++)
		found = *words[i] != '\0' && strstr(whole, words[i]) != NULL;
	return found;
}

const char *
wordmask(struct arena *mem, const char *text, const char *const *words, size_t n)
{
	struct cut c = {.count = 0};

	if (!stands(mem, text, words, n))
		return text;
	arena_init(&c.scratch);
	buf_init(&c.folded, 64 * strlen(text) + 1);
	c.pieces = arena_alloc(mem, (strlen(text) + 1) * sizeof(*c.pieces));
	cut_up(&c, text);
	for (size_t i = 0; i < n; i++)
		mark(&c, words[i]);
	text = with_stars(mem, &c, strlen(text));
	buf_finish(&c.folded);
	arena_finish(&c.scratch);
	return text;
}
