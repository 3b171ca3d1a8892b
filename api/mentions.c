/* SPDX-License-Identifier: MIT */
/* See mentions.h, and /v1/mentions: what mentions somebody. What stands after an @ may be a name in
 * any of its lengths, so all of them are looked up in one statement, and the longest one that was
 * found is taken. */
#include "mentions.h"

#include "page.h"
#include "query.h"
#include "route.h"
#include "sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_CHARACTERS 30
#define ASKED_MAX           262144          /* bytes of the names of a text as JSON */
#define LIST_MAX            2048            /* bytes of as many ids */
#define TIME_END            253402300799000 /* the last millisecond that the database knows */

/* The places after each @ that may be one of a mention: not that of an e-mail address. */
static size_t
find_signs(const struct rich *t, size_t places[MENTIONS_MAX])
{
	const char *sign = t->text;
	size_t n = 0;

	for (; n < MENTIONS_MAX && (sign = strchr(sign, '@')) != NULL; sign++) {
		size_t at = (size_t)(sign - t->text);

		if (!rich_is_word_before(t->text, at) && !rich_is_closed(t, at))
			places[n++] = at + 1;
	}
	return n;
}

static size_t
character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* The next longer beginning of s that may be a name, of *n bytes and *count characters; false:
 * none. A name ends in no blank and not within a word. */
static bool
next_name(const char *text, size_t from, size_t *n, unsigned *count)
{
	const char *s = text + from;

	while (*count < NAME_MAX_CHARACTERS && (unsigned char)s[*n] >= 0x20) {
		size_t last = *n;

		*n += character(s + last);
		++*count;
		if (s[last] != ' ' &&
		    !(rich_is_word_before(text, from + *n) && rich_is_word_at(text, from + *n)))
			return true;
	}
	return false;
}

static enum err
look_up(
    struct req *r, uint64_t room, const char *text, const size_t *places, size_t n, json_t **rows)
{
	struct buf *names = req_buf(r, ASKED_MAX);

	for (size_t i = 0; i < n; i++) {
		size_t len = 0;
		unsigned count = 0;

		while (next_name(text, places[i], &len, &count)) {
			buf_addstr(names, names->n == 0 ? "[\"" : ",\"");
			buf_addjson(names, text + places[i], len);
			buf_addch(names, '"');
		}
	}
	*rows = NULL;
	if (names->n == 0 || names->full)
		return OK;
	buf_addch(names, ']');
	return sql_mentions_find(r, room, r->user, names->p, rows);
}

/* Whether the row is a better meaning of what begins at s than one of so many bytes: a longer one,
 * or a name to log in with instead of a nickname, which come after those. */
static bool
fits(const char *text, size_t from, const json_t *row, size_t than)
{
	const char *name = row_text(row, "name"), *s = text + from;
	size_t n = strlen(name);

	if (row_id(row, "id") != 0)
		return n > than && strncmp(s, name, n) == 0;
	return n > than && strncasecmp(s, name, n) == 0 && !rich_is_word_at(text, from + n);
}

/* Makes a span of what stands at a place, if it is a mention; *user: whose. */
static bool
resolve(struct rich *t, const json_t *rows, size_t from, uint64_t *user)
{
	size_t len = 0;
	json_t *row;
	struct span span = {.type = SPAN_MENTION, .from = from - 1};

	for (size_t i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
		if (!fits(t->text, from, row, len))
			continue;
		len = strlen(row_text(row, "name"));
		span.user = row_id(row, "id");
	}
	span.to = from + len;
	if (span.user == 0)
		span.type = SPAN_MENTION_ALL;
	*user = span.user;
	return len > 0 && rich_add(t, span);
}

/* Adds an id to a JSON array that is still open, unless it is there. */
static void
add_id(struct buf *out, uint64_t ids[MENTIONS_MAX], size_t *n, uint64_t id)
{
	for (size_t i = 0; i < *n; i++) {
		if (ids[i] == id)
			return;
	}
	buf_printf(out, "%c%" PRIu64, *n == 0 ? '[' : ',', id);
	ids[(*n)++] = id;
}

static const char *
closed(struct req *r, struct buf *out)
{
	if (out->n == 0)
		return NULL;
	buf_addch(out, ']');
	return arena_strndup(&r->mem, out->p, out->n);
}

enum err
mentions_find(struct req *r, uint64_t room, struct rich *t, const char **users)
{
	size_t places[MENTIONS_MAX], n = find_signs(t, places), count = 0;
	uint64_t ids[MENTIONS_MAX], user;
	struct buf *out;
	json_t *rows;

	*users = NULL;
	if (n == 0)
		return OK;
	TRY(look_up(r, room, t->text, places, n, &rows));
	out = req_buf(r, LIST_MAX);
	for (size_t i = 0; rows != NULL && i < n; i++) {
		if (resolve(t, rows, places[i], &user))
			add_id(out, ids, &count, user);
	}
	*users = closed(r, out);
	return OK;
}

static bool
has(const json_t *rows, uint64_t user)
{
	const json_t *row;

	for (size_t i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
		if (row_id(row, "user") == user)
			return true;
	}
	return false;
}

enum err
mentions_replace(struct req *r, uint64_t room, uint64_t seq, const char *users, const char **added)
{
	const char *now = users == NULL ? "[]" : users;
	struct buf *out = req_buf(r, LIST_MAX);
	uint64_t ids[MENTIONS_MAX];
	json_t *before, *after, *row;
	size_t count = 0;

	TRY(sql_mentions_of(r, room, seq, &before));
	TRY(sql_mentions_drop(r, room, seq, now, NULL));
	TRY(sql_mentions_add(r, room, seq, r->user, now, NULL));
	TRY(sql_mentions_of(r, room, seq, &after));
	for (size_t i = 0; (row = json_array_get(after, i)) != NULL; i++) {
		if (!has(before, row_id(row, "user")))
			add_id(out, ids, &count, row_id(row, "user"));
	}
	*added = closed(r, out);
	return OK;
}

/* ---- what mentions somebody ---- */

/* A place in the list: when, in which room, which message. */
struct place {
	uint64_t parts[3];
};

/* Reads "time:room:seq", `next` of the page before; the first page begins at the end of time. */
static enum err
read_place(struct req *r, struct place *place)
{
	const char *s = query_value(&r->mem, str_of(r->query), "cursor");

	*place = (struct place){{TIME_END, PAGE_END, PAGE_END}};
	if (s == NULL || *s == '\0')
		return OK;
	for (size_t i = 0; i < 3; i++) {
		size_t n = strspn(s, "0123456789");

		if (n == 0 || n > 18 || s[n] != (i < 2 ? ':' : '\0'))
			return req_invalid(r, "cursor", "must be the `next` of a page");
		place->parts[i] = strtoull(s, NULL, 10);
		s += n + 1;
	}
	if (place->parts[0] > TIME_END)
		place->parts[0] = TIME_END;
	return OK;
}

/* Messages that mention the asker by name, newest first. Those that mention all are not among them:
 * the room shows them (@all is one row of the room, not one of each member). */
enum err
mentions_list(struct req *r)
{
	struct place from;
	uint64_t limit;
	json_t *rows, *row, *next = NULL;
	size_t i;

	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &limit));
	limit = limit == 0 ? 1 : limit;
	TRY(read_place(r, &from));
	TRY(sql_mentions_list(
	    r, r->user, from.parts[0], from.parts[1], from.parts[2], (int64_t)limit + 1, &rows));
	if (json_array_size(rows) > limit) {
		(void)json_array_remove(rows, limit);
		row = json_array_get(rows, limit - 1);
		next = json_sprintf("%" PRIu64 ":%" PRIu64 ":%" PRIu64, row_id(row, "at"),
		    row_id(row, "room"), row_id(row, "seq"));
	}
	json_array_foreach (rows, i, row)
		(void)json_object_del(row, "at");
	return req_reply(r, 200, json_pack("{s:O, s:o?}", "messages", rows, "next", next));
}
