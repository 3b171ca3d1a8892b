/* SPDX-License-Identifier: MIT */
#include "searchquery.h"

#include "field.h"
#include "said.h"
#include "shared/buf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS "\t\n\v\f\r "

/* One part of the query as it stands there. */
struct piece {
	struct str text;
	bool quoted;
};

/* Takes the next word or phrase; false at the end. A quote that is not closed reaches to the end.
 */
static bool
take(const char **q, struct piece *out)
{
	const char *p = *q + strspn(*q, BLANKS);

	if (*p == '\0')
		return false;
	out->quoted = *p == '"';
	p += out->quoted;
	out->text = (struct str){p, strcspn(p, out->quoted ? "\"" : BLANKS "\"")};
	p += out->text.n;
	*q = p + (out->quoted && *p == '"');
	return true;
}

static const char *
add_term(struct arena *mem, const char *text, struct searchquery *out)
{
	const char *folded = said_fold(mem, text);

	if (folded == NULL)
		return "must be a text";
	if (*folded == '\0')
		return NULL; /* characters that nobody sees */
	if (out->n == SEARCHQUERY_TERMS)
		return "may have 10 words";
	out->terms[out->n++] = folded;
	return NULL;
}

static const char *
read_from(const char *value, struct searchquery *out)
{
	if (out->from != NULL)
		return "may have one from:";
	out->from = value;
	return NULL;
}

static const char *
read_room(const char *value, struct searchquery *out)
{
	if (strspn(value, "0123456789") != strlen(value) || strlen(value) > 18 ||
	    (out->room = strtoull(value, NULL, 10)) == 0)
		return "needs the id of a room after in:";
	return NULL;
}

static const char *
read_mark(const char *value, struct searchquery *out)
{
	static const char *const words[SAID_MARKS] = {"link", "mention", "sticker", "poll", "file"};

	for (unsigned i = 0; i < SAID_MARKS; i++) {
		if (strcasecmp(value, words[i]) != 0)
			continue;
		out->marks |= 1U << i;
		return NULL;
	}
	return "needs link, mention, sticker, poll or file after has:";
}

static const char *
read_before(const char *value, struct searchquery *out)
{
	out->before = value;
	return field_is_date(value) ? NULL : "needs a day after before:, such as 2026-12-31";
}

static const char *
read_after(const char *value, struct searchquery *out)
{
	out->after = value;
	return field_is_date(value) ? NULL : "needs a day after after:, such as 2026-12-31";
}

static const struct {
	const char *name;
	const char *(*read)(const char *value, struct searchquery *out);
} operators[] = {{"from:", read_from}, {"in:", read_room}, {"has:", read_mark},
    {"before:", read_before}, {"after:", read_after}};

static const char *
read_piece(struct arena *mem, const struct piece *piece, struct searchquery *out)
{
	const char *text = arena_strndup(mem, piece->text.p, piece->text.n);

	for (size_t i = 0; !piece->quoted && i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t n = strlen(operators[i].name);

		if (strncasecmp(text, operators[i].name, n) == 0 && text[n] != '\0')
			return operators[i].read(text + n, out);
	}
	return add_term(mem, text, out);
}

static size_t
count_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += (*s & '\xc0') != '\x80';
	return n;
}

const char *
searchquery_parse(struct arena *mem, const char *q, struct searchquery *out)
{
	struct piece piece;
	const char *wrong = NULL;

	*out = (struct searchquery){0};
	if (count_characters(q) > SEARCHQUERY_MAX)
		return "may have 200 characters";
	while (wrong == NULL && take(&q, &piece))
		wrong = read_piece(mem, &piece, out);
	if (wrong == NULL && out->n == 0 && out->from == NULL && out->room == 0 &&
	    out->marks == 0 && out->before == NULL && out->after == NULL)
		return "must say what to search for";
	return wrong;
}
