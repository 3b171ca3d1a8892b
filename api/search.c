/* SPDX-License-Identifier: MIT */
/* /v1/search: messages of all the asker's rooms, or of one. What can be asked for stands in
 * searchquery.h, how it is found in searchfind.h.
 */
#include "page.h"
#include "query.h"
#include "route.h"
#include "searchfind.h"
#include "sql.h"
#include "throttle.h"
#include "users.h"
#include "zone.h"

#include <inttypes.h>
#include <stdlib.h>

#define WINDOW     60 /* seconds over which searches are counted */
#define CURSOR_MAX 3  /* numbers */

/* The beginning of a day in the asker's time zone, in milliseconds. */
static enum err
day_begins(struct req *r, const char *day, int64_t *out)
{
	struct tm tm;
	json_t *row;

	TRY(sql_settings_get(r, r->user, &row));
	zone_use(row_text(row, "time_zone"));
	zone_day(day, &tm);
	*out = zone_wall(&tm, 0);
	return OK;
}

/* Reads the `next` of a page: at:room:seq. */
static enum err
read_cursor(struct req *r, struct searchplace *out)
{
	const char *text = query_value(&r->mem, str_of(r->query), "cursor");
	uint64_t numbers[CURSOR_MAX];

	*out = (struct searchplace){SEARCHPLACE_NEWEST, SEARCHPLACE_FIRST, SEARCHPLACE_FIRST};
	if (text == NULL || *text == '\0')
		return OK;
	for (size_t i = 0; i < CURSOR_MAX; i++) {
		size_t n = strspn(text, "0123456789");

		if (n == 0 || n > 18 || text[n] != (i + 1 < CURSOR_MAX ? ':' : '\0'))
			return req_invalid(r, "cursor", "must be the `next` of a page");
		numbers[i] = strtoull(text, NULL, 10);
		text += n + 1;
	}
	*out = (struct searchplace){(int64_t)numbers[0], numbers[1], numbers[2]};
	if (out->at > SEARCHPLACE_NEWEST)
		out->at = SEARCHPLACE_NEWEST;
	return OK;
}

/* Brings the days into the search: `before` is where it begins. */
static enum err
read_days(struct req *r, const struct searchquery *q, struct searchfind *f)
{
	int64_t before;

	if (q->after != NULL)
		TRY(day_begins(r, q->after, &f->since));
	if (q->before == NULL)
		return OK;
	TRY(day_begins(r, q->before, &before));
	if (before - 1 < f->after.at)
		f->after = (struct searchplace){before - 1, SEARCHPLACE_FIRST, SEARCHPLACE_FIRST};
	return OK;
}

/* *nobody: there is no such sender. */
static enum err
read_sender(struct req *r, const struct searchquery *q, struct searchfind *f, bool *nobody)
{
	json_t *row;
	enum err e;

	if (q->from == NULL)
		return OK;
	f->sender = r->user;
	if (strcmp(q->from, "me") == 0)
		return OK;
	e = sql_search_person(r, q->from, &row);
	*nobody = e == ERR_NOT_FOUND;
	f->sender = e == OK ? row_id(row, "id") : 0;
	return *nobody ? OK : e;
}

static enum err
read_query(struct req *r, struct searchquery *q)
{
	const char *text = query_value(&r->mem, str_of(r->query), "q"), *wrong;

	if (text == NULL || !users_is_text(text))
		return req_invalid(r, "q", "must be a text");
	wrong = searchquery_parse(&r->mem, text, q);
	return wrong == NULL ? OK : req_invalid(r, "q", wrong);
}

/* Adds the reactions, each to its message. */
static enum err
attach_reactions(struct req *r, json_t *messages)
{
	struct buf *places = req_buf(r, (size_t)PAGE_MAX * 64);
	json_t *rows, *row, *message, *list;
	size_t i;

	json_array_foreach (messages, i, message) {
		buf_printf(places, "%s[%zu,%" PRIu64 ",%" PRIu64 "]", i == 0 ? "[" : ",", i,
		    row_id(message, "room"), row_id(message, "seq"));
	}
	if (i == 0)
		return OK;
	buf_addch(places, ']');
	TRY(sql_search_reactions(r, r->user, places->p, &rows));
	json_array_foreach (rows, i, row) {
		message = json_array_get(messages, row_id(row, "n"));
		list = json_object_get(message, "reactions");
		if (list == NULL) {
			list = json_array();
			(void)json_object_set_new(message, "reactions", list);
		}
		(void)json_object_del(row, "n");
		(void)json_array_append(list, row);
	}
	return OK;
}

static enum err
reply(struct req *r, const struct searchfind *f)
{
	json_t *next = json_null(), *message;
	size_t i;

	TRY(attach_reactions(r, f->rows));
	json_array_foreach (f->rows, i, message)
		(void)json_object_del(message, "n");
	if (f->more)
		next = json_string(arena_printf(&r->mem, "%" PRId64 ":%" PRIu64 ":%" PRIu64,
		    f->next.at, f->next.room, f->next.seq));
	return req_reply(r, 200,
	    json_pack("{s:O, s:o, s:b}", "messages", f->rows, "next", next, "partial", f->partial));
}

/* Messages that have all that ?q= asks for, of one ?room= or of any, the newest first. `partial`:
 * so far; the next page goes on. */
enum err
search_list(struct req *r)
{
	struct searchquery q;
	struct searchfind f = {.query = &q};
	bool nobody = false;
	struct page page;

	TRY(page_read_limit(r, &page));
	TRY(read_cursor(r, &f.after));
	TRY(read_query(r, &q));
	TRY(req_query_number(r, "room", 0, PAGE_END, &f.room));
	TRY(throttle_take(r, arena_printf(&r->mem, "search:%" PRIu64, r->user),
	    r->conf->search_attempts, WINDOW));
	TRY(read_days(r, &q, &f));
	TRY(read_sender(r, &q, &f, &nobody));
	if (q.room != 0 && f.room != 0 && q.room != f.room)
		nobody = true;
	f.room = q.room != 0 ? q.room : f.room;
	f.limit = page.limit;
	f.rows = req_own(r, json_array());
	if (!nobody)
		TRY(searchfind_run(r, &f));
	return reply(r, &f);
}
