/* SPDX-License-Identifier: MIT */
#include "mimeparam.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct str
trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = (struct str){s.p + 1, s.n - 1};
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Takes off what stands in front of a character, or all. */
static struct str
take_before(struct str *s, char end)
{
	const char *p = s->n == 0 ? NULL : memchr(s->p, end, s->n);
	struct str before = {s->p, p == NULL ? s->n : (size_t)(p - s->p)};

	*s = (struct str){s->p + before.n, s->n - before.n};
	return trim(before);
}

static void
skip(struct str *s, size_t n)
{
	*s = (struct str){s->p + n, s->n - n};
}

const char *
mimeparam_value(struct arena *mem, struct str *text)
{
	struct str value = take_before(text, ';');

	return arena_strndup(mem, value.p, value.n);
}

/* Whether the character after this backslash is quoted by it. */
static bool
is_escape(struct str rest)
{
	if (rest.n < 2 || rest.p[0] != '\\')
		return false;
	return rest.p[1] == '\\' ||
	       (rest.p[1] == '"' && memchr(rest.p + 2, '"', rest.n - 2) != NULL);
}

/* The text up to the closing quote, which is taken off with it; NULL if there is none. */
static const char *
take_quoted(struct arena *mem, struct str *text)
{
	struct str s = *text;
	size_t n = 0;
	char *out;

	for (; s.n > 0 && s.p[0] != '"'; n++)
		skip(&s, is_escape(s) ? 2 : 1);
	if (s.n == 0)
		return NULL;
	out = arena_alloc(mem, n + 1);
	for (size_t i = 0; i < n; i++) {
		skip(text, is_escape(*text) ? 1 : 0);
		out[i] = text->p[0];
		skip(text, 1);
	}
	skip(text, 1);
	return out;
}

bool
mimeparam_next(struct arena *mem, struct str *text, const char **name, const char **value)
{
	struct str s = trim(*text), word;
	char *lower;

	if (s.n > 0 && s.p[0] == ';') {
		skip(&s, 1);
		s = trim(s);
	}
	*text = s;
	word = take_before(&s, '=');
	if (word.n == 0 || s.n == 0 || memchr(word.p, ';', word.n) != NULL)
		return false;
	lower = arena_strndup(mem, word.p, word.n);
	for (char *c = lower; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	skip(&s, 1);
	s = trim(s);
	if (s.n > 0 && s.p[0] == '"') {
		skip(&s, 1);
		*value = take_quoted(mem, &s);
		s = trim(s);
		if (*value == NULL || (s.n > 0 && s.p[0] != ';'))
			return false;
	} else {
		*value = mimeparam_value(mem, &s);
	}
	*name = lower;
	*text = s;
	return true;
}
