/* SPDX-License-Identifier: MIT */
/* The lists of rooms: all of them (GET /v1/rooms), and the asker's (GET /v1/users/me/rooms).
 *
 * Conditions can be combined freely. One of them says through which index the list goes: the text
 * that is searched for, else the tag, else the category, else the order; the others are looked at
 * row by row (roomlists.sql).
 */
#include "db.h"
#include "directs.h"
#include "gram.h"
#include "page.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "users.h"

#define COUNTED_MAX 1000 /* matches of a search */
#define STEP        20   /* rooms: about 20 ms */

enum order { BY_ID, BY_MEMBERS, BY_LIKES };

struct filter {
	const char *q, *tag, *kind; /* NULL: not asked for */
	uint64_t category;          /* 0: not asked for */
	bool free, total;
	enum order order;
	struct gram_query search; /* with q */
	struct page page;
};

/* ---- what searches find ---- */

enum err
rooms_index(struct req *r, const json_t *row)
{
	const char *title = rooms_is_listed(row) ? row_text(row, "title") : "";

	return gram_store(r, GRAM_ROOM, row_id(row, "id"), title);
}

static enum err
index_one(struct req *r, uint64_t room)
{
	json_t *row;

	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, room)); /* as whoever changes the title does */
	TRY(sql_room_get(r, 0, room, &row));
	TRY(rooms_index(r, row));
	return db_commit(r->db);
}

bool
rooms_index_step(struct req *r, uint64_t *after)
{
	json_t *rows, *row;
	size_t i;

	if (*after == PAGE_END || db_ready(r->db) != OK ||
	    sql_rooms_unindexed(r, *after, STEP, &rows) != OK)
		return false;
	json_array_foreach (rows, i, row) {
		enum err e = index_one(r, row_id(row, "id"));

		db_rollback(r->db);
		if (e != OK && e != ERR_NOT_FOUND)
			return false;
		*after = row_id(row, "id");
	}
	if (i < STEP)
		*after = PAGE_END;
	return i == STEP;
}

/* ---- reading the query ---- */

/* A text from the query; NULL if it is missing or empty. */
static enum err
read_text(struct req *r, const char *name, const char **out)
{
	*out = query_value(&r->mem, str_of(r->query), name);
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return *out == NULL || users_is_text(*out) ? OK : req_invalid(r, name, "must be a text");
}

/* The same, of a list of words with "|" between them. */
static enum err
read_word(struct req *r, const char *name, const char *words, const char **out)
{
	TRY(read_text(r, name, out));
	return req_query_word(r, name, *out, words);
}

static enum err
read_flag(struct req *r, const char *name, bool *out)
{
	const char *word;

	TRY(read_word(r, name, "0|1", &word));
	*out = word != NULL && *word == '1';
	return OK;
}

static enum err
read_filter(struct req *r, struct filter *f)
{
	const char *sort;

	TRY(read_text(r, "q", &f->q));
	TRY(read_text(r, "tag", &f->tag));
	TRY(read_word(r, "kind", "public|secret", &f->kind));
	TRY(read_word(r, "sort", "new|members|likes", &sort));
	TRY(read_flag(r, "free", &f->free));
	TRY(read_flag(r, "total", &f->total));
	TRY(req_query_number(r, "category", 0, PAGE_END, &f->category));
	f->order = BY_ID;
	if (sort != NULL && *sort != 'n')
		f->order = *sort == 'm' ? BY_MEMBERS : BY_LIKES;
	TRY(f->order == BY_ID ? page_read(r, PAGE_END, &f->page) : page_read_ranked(r, &f->page));
	return f->q == NULL ? OK : gram_query(r, GRAM_ROOM, "q", f->q, &f->search);
}

/* ---- which rooms ---- */

/* In the order of a number; with a tag or a gram (or NULL) only where there is no category. */
static enum err
find_ranked(struct req *r, const struct filter *f, const char *gram, int64_t limit, json_t **rows)
{
	const struct page *p = &f->page;

	if (f->category != 0)
		return sql_rooms_category_by(r, f->order == BY_LIKES, p->value, p->cursor,
		    f->category, f->kind, f->free, limit, rows);
	if (f->order == BY_MEMBERS)
		return sql_rooms_fullest(
		    r, f->tag, gram, p->value, p->cursor, f->kind, f->free, limit, rows);
	return sql_rooms_most_liked(
	    r, f->tag, gram, p->value, p->cursor, f->kind, f->free, limit, rows);
}

/* How many rooms have to have something in common, so that one finds a page of them sooner by going
 * through all rooms in any order than by sorting theirs: of N rooms every N/many-th is one. */
static enum err
count_many(struct req *r, int64_t limit, int64_t *many)
{
	uint64_t all;
	json_t *row;

	TRY(sql_rooms_count(r, 0, NULL, &row));
	all = row_id(row, "n");
	for (*many = 64; (uint64_t)(*many * *many) < (uint64_t)limit * all;)
		*many += *many / 4;
	return OK;
}

/* Whether so many rooms are found by a gram alone. */
static enum err
is_common_text(struct req *r, const struct filter *f, int64_t limit, bool *out)
{
	int64_t many;
	json_t *row;

	*out = f->search.pattern == NULL && f->search.count == GRAM_COUNT_MAX && f->tag == NULL &&
	       f->category == 0;
	if (!*out)
		return OK;
	TRY(count_many(r, limit, &many));
	TRY(sql_gram_count(r, GRAM_ROOM, f->search.gram, many, &row));
	*out = (int64_t)row_id(row, "n") == many;
	return OK;
}

static enum err
find_by_text(struct req *r, const struct filter *f, int64_t limit, json_t **rows)
{
	const struct gram_query *s = &f->search;
	bool common;

	if (s->count == 0) {
		*rows = req_own(r, json_array());
		return OK;
	}
	if (f->order == BY_ID)
		return sql_rooms_found(r, s->gram, s->pattern, f->tag, f->page.cursor, f->category,
		    f->kind, f->free, limit, rows);
	TRY(is_common_text(r, f, limit, &common));
	if (common)
		return find_ranked(r, f, s->gram, limit, rows);
	return sql_rooms_found_by(r, f->order == BY_LIKES, s->gram, s->pattern, f->tag,
	    f->page.value, f->page.cursor, f->category, f->kind, f->free, limit, rows);
}

static enum err
find_by_tag(struct req *r, const struct filter *f, int64_t limit, json_t **rows)
{
	int64_t many;
	json_t *row;

	if (f->order == BY_ID)
		return sql_rooms_tagged(
		    r, f->tag, f->page.cursor, f->category, f->kind, f->free, limit, rows);
	TRY(count_many(r, limit, &many));
	TRY(sql_rooms_tag_use(r, f->tag, many, &row));
	if ((int64_t)row_id(row, "n") == many && f->category == 0)
		return find_ranked(r, f, NULL, limit, rows);
	return sql_rooms_tagged_by(r, f->order == BY_LIKES, f->tag, f->page.value, f->page.cursor,
	    f->category, f->kind, f->free, limit, rows);
}

static enum err
find(struct req *r, const struct filter *f, json_t **rows)
{
	int64_t limit = (int64_t)f->page.limit + 1;

	if (f->q != NULL)
		return find_by_text(r, f, limit, rows);
	if (f->tag != NULL)
		return find_by_tag(r, f, limit, rows);
	if (f->order != BY_ID)
		return find_ranked(r, f, NULL, limit, rows);
	return sql_rooms_newest(r, f->page.cursor, f->category, f->kind, f->free, limit, rows);
}

/* Those with a tag, or all. */
static enum err
count_plain(struct req *r, const struct filter *f, json_t **row)
{
	if (f->tag != NULL && f->category == 0 && f->kind == NULL && !f->free)
		return sql_rooms_tagged_count_all(r, f->tag, row);
	if (f->tag != NULL)
		return sql_rooms_tagged_count(r, f->tag, f->category, f->kind, f->free, row);
	if (f->free && f->category != 0)
		return sql_rooms_count_free_in(r, f->category, f->kind, row);
	if (f->free)
		return sql_rooms_count_free(r, f->kind, row);
	return sql_rooms_count(r, f->category, f->kind, row);
}

/* How many there are. Each match of a search has to be looked at, so they are counted up to a
 * number. */
static enum err
count(struct req *r, const struct filter *f, json_t *answer)
{
	const struct gram_query *s = &f->search;
	json_t *row;
	uint64_t n;

	if (f->q != NULL && s->count == 0)
		row = req_own(r, json_pack("{s:i}", "n", 0));
	else if (f->q != NULL)
		TRY(sql_rooms_found_count(r, s->gram, s->pattern, f->tag, f->category, f->kind,
		    f->free, COUNTED_MAX + 1, &row));
	else
		TRY(count_plain(r, f, &row));
	n = row_id(row, "n");
	if (f->q != NULL && n > COUNTED_MAX) {
		n = COUNTED_MAX;
		(void)json_object_set_new(answer, "total_is_more", json_true());
	}
	(void)json_object_set_new(answer, "total", json_integer((json_int_t)n));
	return OK;
}

/* ---- the answer ---- */

enum err
rooms_show_all(struct req *r, const json_t *found, json_t **out)
{
	json_t *ids = req_own(r, json_array()), *rows, *row;
	const char *text;
	size_t i;

	*out = req_own(r, json_array());
	if (json_array_size(found) == 0)
		return OK;
	json_array_foreach ((json_t *)(uintptr_t)found, i, row)
		(void)json_array_append(ids, json_object_get(row, "id"));
	TRY(req_dump(r, ids, &text));
	TRY(sql_rooms_shown(r, r->user, text, &rows));
	json_array_foreach (rows, i, row)
		(void)json_array_append_new(*out, rooms_shown(row));
	return directs_describe(r, *out);
}

/* Answers a page; one more than limit was asked for. */
static enum err
reply(struct req *r, json_t *found, const struct page *page, json_t *answer)
{
	json_t *rooms, *next = json_null();

	if (json_array_size(found) > page->limit) {
		(void)json_array_remove(found, page->limit);
		next = json_object_get(json_array_get(found, page->limit - 1), "next");
	}
	TRY(rooms_show_all(r, found, &rooms));
	(void)json_object_set(answer, "rooms", rooms);
	(void)json_object_set(answer, "next", next);
	return req_reply(r, 200, json_incref(answer));
}

/* Public and secret rooms, by ?q= (any part of the title), tag, category, kind, and free=1 (not
 * full), newest first or ?sort=members|likes. With total=1 the answer has their number. */
enum err
rooms_list(struct req *r)
{
	json_t *answer = req_own(r, json_object()), *found;
	struct filter f;

	TRY(read_filter(r, &f));
	TRY(find(r, &f, &found));
	if (f.total)
		TRY(count(r, &f, answer));
	return reply(r, found, &f.page, answer);
}

struct mine {
	const char *role, *kind;
	bool liked, total;
};

static enum err
count_mine(struct req *r, const struct mine *m, json_t *answer)
{
	json_t *row;

	if (m->liked && m->role == NULL)
		TRY(sql_rooms_liked_count(r, r->user, m->kind, &row));
	else
		TRY(sql_rooms_joined_count(r, r->user, m->role, m->kind, m->liked, &row));
	(void)json_object_set(answer, "total", json_object_get(row, "n"));
	return OK;
}

/* The asker's rooms, newest first: those one is in, in a ?role= or any; with liked=1 alone those
 * one likes, whether in them or not. */
enum err
rooms_list_mine(struct req *r)
{
	json_t *answer = req_own(r, json_object()), *found;
	struct page page;
	struct mine m;

	TRY(page_read(r, PAGE_END, &page));
	TRY(read_word(r, "role", "host|moderator|member", &m.role));
	TRY(read_word(r, "kind", "public|secret|group|direct", &m.kind));
	TRY(read_flag(r, "liked", &m.liked));
	TRY(read_flag(r, "total", &m.total));
	if (m.liked && m.role == NULL)
		TRY(sql_rooms_liked(
		    r, r->user, m.kind, page.cursor, (int64_t)page.limit + 1, &found));
	else
		TRY(sql_rooms_joined(r, r->user, m.role, m.kind, m.liked, page.cursor,
		    (int64_t)page.limit + 1, &found));
	if (m.total)
		TRY(count_mine(r, &m, answer));
	return reply(r, found, &page, answer);
}
