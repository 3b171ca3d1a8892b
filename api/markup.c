/* SPDX-License-Identifier: MIT */
/* See markup.h. A text is cut into blocks (lines of code, quotes, the rest, with blank lines
 * between them), and each block is read once: signs become tokens, a closing one finds its partner
 * on a stack. Then the text is written without the tokens that have partners. */
#include "markup.h"

#include <string.h>

#define TOKENS_MAX   ((size_t)(2 * RICH_SPANS_MAX)) /* of a block */
#define DEPTH_MAX    ((size_t)16)
#define LANGUAGE_MAX 20

struct token {
	size_t at, len; /* in the block */
	enum { TOKEN_ALONE, TOKEN_OPENS, TOKEN_CLOSES, TOKEN_ESCAPE } what;
	enum span_type type;
	char sign;
	struct str word; /* of a link: where to */
	size_t end;      /* of one that opens a link or code: where the other stands */
	size_t tail;     /* and how long that is */
	size_t out;      /* where what it opens begins, as written */
};

struct reader {
	struct rich *t;
	char *out; /* the text without signs */
	size_t n;
	/* The block at hand. */
	struct str in;
	size_t at;
	struct token *tokens;
	size_t count;
	size_t stack[DEPTH_MAX + 1]; /* of tokens that are open; code is one more */
	size_t depth;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_sign(char c)
{
	return c != '\0' && strchr("\\`*_~[]()<>#+-.!|{}", c) != NULL;
}

static size_t
run_length(struct str s, size_t at)
{
	size_t n = 1;

	while (at + n < s.n && s.p[at + n] == s.p[at])
		n++;
	return n;
}

static struct token *
add_token(struct reader *k, struct token token)
{
	if (k->count == TOKENS_MAX)
		return NULL;
	k->tokens[k->count] = token;
	return &k->tokens[k->count++];
}

/* ---- signs that stand in pairs ---- */

static void
push(struct reader *k, struct token token)
{
	if (k->depth < DEPTH_MAX && add_token(k, token) != NULL)
		k->stack[k->depth++] = k->count - 1;
}

/* Closes the innermost pair that so many signs can close, but none around a link that is open;
 * returns how many did. */
static size_t
close_pair(struct reader *k, size_t at, size_t n)
{
	for (size_t i = k->depth; i > 0; i--) {
		struct token *open = &k->tokens[k->stack[i - 1]];

		if (open->type == SPAN_LINK && open->end > at)
			return 0;
		if (open->sign != k->in.p[at] || open->len > n || open->at + open->len == at)
			continue;
		if (add_token(k, (struct token){.at = at,
				     .len = open->len,
				     .what = TOKEN_CLOSES,
				     .type = open->type}) == NULL)
			return 0;
		open->what = TOKEN_OPENS;
		k->depth = i - 1;
		return open->len;
	}
	return 0;
}

static void
open_pairs(struct reader *k, size_t at, size_t n)
{
	char sign = k->in.p[at];
	size_t len = sign == '_' ? 1 : n >= 2 ? 2 : 1;
	enum span_type type = sign == '~' ? SPAN_STRIKE : len == 2 ? SPAN_BOLD : SPAN_ITALIC;

	push(k, (struct token){.at = at, .len = len, .type = type, .sign = sign});
	if (n > len)
		open_pairs(k, at + len, n - len);
}

/* A run of * or _ or ~~. An underscore within a word is part of it. */
static void
read_pair(struct reader *k)
{
	char sign = k->in.p[k->at];
	size_t at = k->at, n = run_length(k->in, at), after = at + n, used;
	bool opens = after < k->in.n && !is_blank(k->in.p[after]);
	bool closes = at > 0 && !is_blank(k->in.p[at - 1]);

	k->at = after;
	if (n > (sign == '*' ? 3U : sign == '_' ? 1U : 2U) || (sign == '~' && n != 2))
		return;
	if (sign == '_') {
		opens = opens && !rich_is_word_before(k->in.p, at);
		closes = closes && (after == k->in.n || !rich_is_word_at(k->in.p, after));
	}
	while (closes && n > 0 && (used = close_pair(k, at, n)) > 0) {
		at += used;
		n -= used;
	}
	if (opens && n > 0)
		open_pairs(k, at, n);
}

/* ---- code and links ---- */

/* Backquotes, as many as before, end code. */
static void
read_code(struct reader *k)
{
	size_t n = run_length(k->in, k->at), from = k->at + n, at = from, run;

	while (at < k->in.n) {
		if (k->in.p[at] != '`') {
			at++;
			continue;
		}
		if ((run = run_length(k->in, at)) == n)
			break;
		at += run;
	}
	if (at >= k->in.n || k->count + 2 > TOKENS_MAX) {
		k->at = from;
		return;
	}
	(void)add_token(
	    k, (struct token){.at = k->at, .len = n, .what = TOKEN_OPENS, .type = SPAN_CODE});
	(void)add_token(
	    k, (struct token){.at = at, .len = n, .what = TOKEN_CLOSES, .type = SPAN_CODE});
	k->at = at + n;
}

/* [text](address): the text is one line without brackets, and no address itself, which could differ
 * from where it leads. */
static void
read_link(struct reader *k)
{
	const char *s = k->in.p;
	size_t end = k->at + 1, len;

	while (end < k->in.n && strchr("[]\n", s[end]) == NULL) {
		if (rich_link_length(s + end, k->in.n - end) > 0)
			break;
		end++;
	}
	if (end + 2 < k->in.n && s[end] == ']' && s[end + 1] == '(' && end > k->at + 1 &&
	    (len = rich_link_length(s + end + 2, k->in.n - end - 2)) > 0 &&
	    end + 2 + len < k->in.n && s[end + 2 + len] == ')')
		push(k, (struct token){.at = k->at,
			    .len = 1,
			    .type = SPAN_LINK,
			    .sign = '[',
			    .word = {s + end + 2, len},
			    .end = end,
			    .tail = len + 3});
	k->at++;
}

/* Ends the link whose text is over; what was open in it stays text. False: there is none here. */
static bool
end_link(struct reader *k)
{
	for (size_t i = k->depth; i > 0; i--) {
		struct token *open = &k->tokens[k->stack[i - 1]];

		if (open->type != SPAN_LINK || open->end != k->at)
			continue;
		k->depth = i - 1;
		if (add_token(k, (struct token){.at = k->at,
				     .len = open->tail,
				     .what = TOKEN_CLOSES,
				     .type = SPAN_LINK}) == NULL)
			return false;
		open->what = TOKEN_OPENS;
		k->at += open->tail;
		return true;
	}
	return false;
}

/* The bytes of an address at hand, whose signs are its own; 0: there is none. */
static size_t
address_length(const struct reader *k)
{
	if (rich_is_word_before(k->in.p, k->at))
		return 0;
	return rich_link_length(k->in.p + k->at, k->in.n - k->at);
}

static void
read_tokens(struct reader *k)
{
	size_t address;

	k->at = k->count = k->depth = 0;
	while (k->at < k->in.n) {
		char c = k->in.p[k->at];

		if (c == '\\' && k->at + 1 < k->in.n && is_sign(k->in.p[k->at + 1])) {
			(void)add_token(
			    k, (struct token){.at = k->at, .len = 1, .what = TOKEN_ESCAPE});
			k->at += 2;
		} else if (c == '`') {
			read_code(k);
		} else if (c == '[') {
			read_link(k);
		} else if (c == '*' || c == '_' || c == '~') {
			read_pair(k);
		} else if ((c == 'h' || c == 'H') && (address = address_length(k)) > 0) {
			k->at += address;
		} else if (c != ']' || !end_link(k)) {
			k->at++;
		}
	}
}

/* ---- writing ---- */

static void
put(struct reader *k, const char *s, size_t n)
{
	memcpy(k->out + k->n, s, n);
	k->n += n;
}

static void
put_span(struct reader *k, enum span_type type, size_t from, struct str word)
{
	if (k->n > from)
		(void)rich_add(k->t, (struct span){type, from, k->n, word, 0});
}

/* Writes the block without its signs. Pairs are nested, so a stack finds them again. */
static void
put_block(struct reader *k)
{
	size_t done = 0;

	k->depth = 0;
	for (size_t i = 0; i < k->count; i++) {
		struct token *token = &k->tokens[i], *open;

		if (token->what == TOKEN_ALONE)
			continue;
		put(k, k->in.p + done, token->at - done);
		done = token->at + token->len;
		token->out = k->n;
		if (token->what == TOKEN_OPENS)
			k->stack[k->depth++] = i;
		if (token->what != TOKEN_CLOSES)
			continue;
		open = &k->tokens[k->stack[--k->depth]];
		put_span(k, open->type, open->out, open->word);
	}
	put(k, k->in.p + done, k->in.n - done);
}

static void
put_inline(struct reader *k, struct str in)
{
	k->in = in;
	read_tokens(k);
	put_block(k);
}

/* ---- blocks ---- */

/* The line at the beginning of s, without what ends it. */
static struct str
line_of(struct str s)
{
	const char *end = s.n == 0 ? NULL : memchr(s.p, '\n', s.n);

	return (struct str){s.p, end == NULL ? s.n : (size_t)(end - s.p)};
}

static struct str
skip(struct str s, size_t n)
{
	n = n < s.n ? n : s.n;
	return (struct str){s.p + n, s.n - n};
}

static struct str
trimmed(struct str s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
is_quote(struct str line)
{
	return line.n > 0 && line.p[0] == '>' && (trimmed(line).n == 1 || line.p[1] == ' ');
}

/* Whether lines of code begin here, and in which language. */
static bool
is_fence(struct str line, struct str *language)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "+#._-";

	if (!str_starts(line, STR("```")))
		return false;
	*language = trimmed(skip(line, 3));
	for (size_t i = 0; i < language->n; i++) {
		if (language->p[i] == '\0' || strchr(letters, language->p[i]) == NULL)
			return false;
	}
	return language->n <= LANGUAGE_MAX;
}

/* Lines of code up to the line that ends them; returns the bytes of all of it, 0 if none does. */
static size_t
put_code(struct reader *k, struct str s)
{
	struct str language, line = line_of(s), rest;
	size_t from = k->n, code = line.n + 1, at;

	if (!is_fence(line, &language) || code > s.n)
		return 0;
	for (at = code; at < s.n; at += line.n + 1) {
		rest = skip(s, at);
		line = line_of(rest);
		if (!str_eq(trimmed(line), STR("```")))
			continue;
		if (at > code)
			put(k, s.p + code, at - code - 1);
		put_span(k, SPAN_PRE, from, language);
		return at + line.n;
	}
	return 0;
}

/* Lines that begin with >, which is taken off; returns their bytes. */
static size_t
put_quote(struct reader *k, struct str s)
{
	char *lines = arena_alloc(k->t->mem, s.n + 1);
	size_t n = 0, at = 0, from = k->n;

	while (at < s.n) {
		struct str line = line_of(skip(s, at)), text = skip(line, 2);

		if (!is_quote(line))
			break;
		if (at > 0)
			lines[n++] = '\n';
		memcpy(lines + n, text.p, text.n);
		n += text.n;
		at += line.n + 1;
	}
	put_inline(k, (struct str){lines, n});
	put_span(k, SPAN_QUOTE, from, (struct str){NULL, 0});
	return at - 1;
}

/* Lines up to a blank one, or to one that begins something else; returns their bytes. */
static size_t
put_lines(struct reader *k, struct str s)
{
	size_t at = line_of(s).n;
	struct str language;

	while (at < s.n) {
		struct str line = line_of(skip(s, at + 1));

		if (trimmed(line).n == 0 || is_quote(line) || is_fence(line, &language))
			break;
		at += line.n + 1;
	}
	put_inline(k, (struct str){s.p, at});
	return at;
}

void
markup_read(struct rich *t)
{
	struct reader k = {.t = t};
	struct str s = str_of(t->text);

	if (strpbrk(t->text, "\\`*_~[>") == NULL)
		return;
	k.out = arena_alloc(t->mem, s.n + 1);
	k.tokens = arena_alloc(t->mem, TOKENS_MAX * sizeof(*k.tokens));
	while (s.n > 0) {
		size_t used = put_code(&k, s);

		if (used == 0)
			used = is_quote(line_of(s)) ? put_quote(&k, s) : put_lines(&k, s);
		if (used < s.n)
			put(&k, "\n", 1);
		s = skip(s, used + 1);
	}
	k.out[k.n] = '\0';
	if (k.n > 0)
		t->text = k.out;
	else
		t->n = 0;
}
