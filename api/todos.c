/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/todos and /v1/todos: what is to be done, by the members of a room together or by
 * oneself. Every member of a room may add, tick, change and move; who wrote it may take it off, and
 * moderators.
 *
 * A list is short and has the order that people give it. Each to-do has a number for its place,
 * with wide gaps between them, so that moving one changes no other; when a gap is used up, all are
 * given new ones, and that is told of each.
 */
#include "todos.h"

#include "db.h"
#include "members.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "sql.h"
#include "stream.h"
#include "words.h"

#define TODOS_MAX 200 /* in a list */
#define TEXT_MAX  500
#define GAP       ((uint64_t)1 << 16)
#define START     ((uint64_t)1 << 40) /* where the first of a list stands; JSON numbers go to 2^53 */

struct todo_in {
	const char *client_id;
	const char *text;
	const char *due_on;
	int64_t assignee;
	int64_t after; /* 0: it becomes the first */
};

static const struct field todo_fields[] = {
    TEXT_FIELD(struct todo_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct todo_in, text, 1, TEXT_MAX, FIELD_REQUIRED | FIELD_LINE),
    DATE_FIELD(struct todo_in, due_on, 0),
    INT_FIELD(struct todo_in, assignee, 1, INT64_MAX, 0),
    INT_FIELD(struct todo_in, after, 0, INT64_MAX, 0),
    END_FIELD,
};

struct change_in {
	const char *text;
	int64_t done;
	const char *due_on;
	int64_t assignee; /* 0: nobody */
	int64_t after;
};

static const struct field change_fields[] = {
    TEXT_FIELD(struct change_in, text, 1, TEXT_MAX, FIELD_LINE),
    BOOL_FIELD(struct change_in, done, 0),
    DATE_FIELD(struct change_in, due_on, 0),
    INT_FIELD(struct change_in, assignee, 0, INT64_MAX, 0),
    INT_FIELD(struct change_in, after, 0, INT64_MAX, 0),
    END_FIELD,
};

/* Holds the list for whoever may change it; row: the room's, NULL of the own list. */
static enum err
hold(struct req *r, enum wire_kind kind, struct stream_pos *at, json_t **row)
{
	*row = NULL;
	if (kind == WIRE_USER)
		return stream_next(r, kind, r->user, at);
	TRY(stream_next(r, kind, req_id(r, "room"), at));
	TRY(rooms_require(r, at->id, row));
	TRY(rooms_require_reader(*row));
	return members_require_voice(r, at->id);
}

/* The to-do as clients see it, to be told and answered. */
static json_t *
shown(struct req *r, json_t *row)
{
	json_t *todo = req_own(r, json_copy(row));

	(void)json_object_del(todo, "kind");
	(void)json_object_del(todo, "list");
	(void)json_object_del(todo, "client_id");
	return todo;
}

/* Tells the list of a to-do as it now is, and answers with it. */
static enum err
announce(struct req *r, const struct stream_pos *at, enum event ev, uint64_t id, int status)
{
	json_t *row;

	TRY(sql_todo_get(r, at->kind, at->id, id, &row));
	TRY(stream_store(r, at, ev, shown(r, row)));
	return req_reply(r, status, json_incref(shown(r, row)));
}

/* ---- places ---- */

/* Gives all of a list new places, with gaps between them, in a transaction of its own: its events
 * come before that of whoever found no gap, who then asks again. */
static enum err
spread(struct req *r, const struct stream_pos *at)
{
	json_t *rows, *row;
	size_t i;

	db_rollback(r->db);
	TRY(db_begin(r->db));
	TRY(stream_hold(r, at->kind, at->id));
	TRY(sql_todos_list(r, at->kind, at->id, 0, TODOS_MAX, &rows));
	json_array_foreach (rows, i, row) {
		uint64_t id = row_id(row, "id");

		TRY(sql_todo_update(
		    r, at->kind, at->id, id, 0, NULL, -1, NULL, -1, START + i * GAP, NULL));
		TRY(sql_todo_get(r, at->kind, at->id, id, &row));
		TRY(stream_append(r, at->kind, at->id, EV_TODO_UPDATED, shown(r, row)));
	}
	TRY(db_commit(r->db));
	notify_flush(r);
	return ERR_RETRY;
}

/* A place behind the to-do `after` (0: before all), of the one that is moved; 0: there is no gap.
 */
static enum err
find_gap(
    struct req *r, const struct stream_pos *at, uint64_t after, uint64_t moved, uint64_t *place)
{
	uint64_t low, next;
	json_t *row;
	enum err e;

	*place = 0;
	if (after == 0) {
		TRY(sql_todos_first(r, at->kind, at->id, moved, &row));
		next = row_id(row, "next");
		*place = next == 0 ? START : next > GAP ? next - GAP : 0;
		return OK;
	}
	e = after == moved ? ERR_NOT_FOUND
			   : sql_todo_place(r, at->kind, at->id, after, moved, &row);
	if (e != OK)
		return e == ERR_NOT_FOUND
			   ? req_invalid(r, "after", "is not another to-do of this list")
			   : e;
	low = row_id(row, "place");
	next = row_id(row, "next");
	*place = next == 0 ? low + GAP : next - low > 1 ? low + (next - low) / 2 : 0;
	return OK;
}

static enum err
find_place(
    struct req *r, const struct stream_pos *at, uint64_t after, uint64_t moved, uint64_t *place)
{
	TRY(find_gap(r, at, after, moved, place));
	return *place != 0 ? OK : spread(r, at);
}

/* ---- what both kinds of lists have in common ---- */

/* A room's to-do may be somebody's, who is in the room. */
static enum err
check_assignee(struct req *r, const struct stream_pos *at, int64_t assignee)
{
	json_t *member;
	enum err e;

	if (assignee == FIELD_ABSENT || assignee == 0)
		return OK;
	if (at->kind == WIRE_USER)
		return req_invalid(r, "assignee", "is for rooms");
	e = sql_member_get(r, at->id, (uint64_t)assignee, &member);
	return e == ERR_NOT_FOUND ? req_invalid(r, "assignee", "is not a member of this room") : e;
}

static enum err
check_words(struct req *r, const struct stream_pos *at, const char **text)
{
	return *text == NULL || at->kind == WIRE_USER ? OK : words_filter(r, at->id, text);
}

static enum err
list(struct req *r, enum wire_kind kind, uint64_t id)
{
	struct page page;
	json_t *rows, *row, *todos = req_own(r, json_array());
	size_t i;

	TRY(page_read(r, 0, &page));
	TRY(sql_todos_list(r, kind, id, page.cursor, (int64_t)page.limit + 1, &rows));
	json_array_foreach (rows, i, row)
		(void)json_array_append(todos, shown(r, row));
	return page_reply(r, "todos", todos, &page, "place");
}

static enum err
create(struct req *r, enum wire_kind kind)
{
	struct stream_pos at;
	struct todo_in in;
	uint64_t place;
	json_t *row;
	enum err e;

	TRY(req_read(r, todo_fields, &in));
	TRY(hold(r, kind, &at, &row));
	e = sql_todo_known(r, kind, at.id, r->user, in.client_id, &row);
	if (e == OK) {
		db_rollback(r->db); /* the same call again: no seq is used */
		return req_reply(r, 201, json_incref(shown(r, row)));
	}
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(check_assignee(r, &at, in.assignee));
	TRY(check_words(r, &at, &in.text));
	TRY(sql_todos_count(r, kind, at.id, &row));
	if (row_id(row, "count") >= TODOS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d to-dos", TODOS_MAX);
	TRY(find_place(r, &at, in.after == FIELD_ABSENT ? 0 : (uint64_t)in.after, 0, &place));
	TRY(sql_todo_insert(r, kind, at.id, at.seq, r->user, in.client_id, in.text,
	    in.assignee == FIELD_ABSENT ? 0 : (uint64_t)in.assignee, in.due_on, place, NULL));
	return announce(r, &at, EV_TODO_CREATED, at.seq, 201);
}

/* Stores a change; -1 and 0 leave what was not given as it is. */
static enum err
store(struct req *r, const struct stream_pos *at, uint64_t id, const struct change_in *in)
{
	uint64_t place = 0;

	if (in->after != FIELD_ABSENT)
		TRY(find_place(r, at, (uint64_t)in->after, id, &place));
	return sql_todo_update(r, at->kind, at->id, id, r->user, in->text,
	    in->done == FIELD_ABSENT ? -1 : in->done, in->due_on,
	    in->assignee == FIELD_ABSENT ? -1 : in->assignee, place, NULL);
}

static enum err
update(struct req *r, enum wire_kind kind)
{
	uint64_t id = req_id(r, "todo");
	json_t *room, *before, *now;
	struct stream_pos at;
	struct change_in in;

	TRY(req_read(r, change_fields, &in));
	TRY(hold(r, kind, &at, &room));
	TRY(sql_todo_get(r, kind, at.id, id, &before));
	TRY(check_assignee(r, &at, in.assignee));
	TRY(check_words(r, &at, &in.text));
	TRY(store(r, &at, id, &in));
	TRY(sql_todo_get(r, kind, at.id, id, &now));
	if (json_equal(before, now)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(shown(r, now)));
	}
	return announce(r, &at, EV_TODO_UPDATED, id, 200);
}

/* What tells that one is gone. */
static json_t *
gone(struct req *r, const struct stream_pos *at, const json_t *todo)
{
	json_t *data = req_own(r, json_pack("{s:O}", "id", json_object_get(todo, "id")));

	if (at->kind == WIRE_ROOM)
		(void)json_object_set_new(data, "room", json_integer((json_int_t)at->id));
	return data;
}

static enum err
erase(struct req *r, enum wire_kind kind)
{
	struct stream_pos at;
	json_t *room, *todo;

	TRY(hold(r, kind, &at, &room));
	TRY(sql_todo_get(r, kind, at.id, req_id(r, "todo"), &todo));
	if (row_id(todo, "author") != r->user)
		TRY(rooms_require_rank(r, room, RANK_MODERATOR));
	TRY(sql_todo_delete(r, kind, at.id, row_id(todo, "id"), NULL));
	TRY(stream_store(r, &at, EV_TODO_DELETED, gone(r, &at, todo)));
	return req_reply(r, 204, NULL);
}

/* ---- of a room ---- */

/* In their order. */
enum err
todos_list_room(struct req *r)
{
	json_t *row;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	return list(r, WIRE_ROOM, req_id(r, "room"));
}

/* A new one, at the top unless `after` says where: 201 with it. */
enum err
todos_create_room(struct req *r)
{
	return create(r, WIRE_ROOM);
}

/* Ticks, changes or moves one: 200 with it. */
enum err
todos_update_room(struct req *r)
{
	return update(r, WIRE_ROOM);
}

/* Takes one off: 204. */
enum err
todos_delete_room(struct req *r)
{
	return erase(r, WIRE_ROOM);
}

enum err
todos_purge(struct req *r, uint64_t room, uint64_t user, int64_t seconds, uint64_t *count)
{
	struct stream_pos at;
	json_t *rows, *todo;
	size_t i;

	TRY(sql_todos_of(r, room, user, seconds, TODOS_MAX, &rows));
	*count = json_array_size(rows);
	json_array_foreach (rows, i, todo) {
		TRY(stream_next(r, WIRE_ROOM, room, &at));
		TRY(sql_todo_delete(r, WIRE_ROOM, room, row_id(todo, "id"), NULL));
		TRY(stream_store(r, &at, EV_TODO_DELETED, gone(r, &at, todo)));
	}
	return OK;
}

/* ---- of oneself: the same ---- */

enum err
todos_list(struct req *r)
{
	return list(r, WIRE_USER, r->user);
}

enum err
todos_create(struct req *r)
{
	return create(r, WIRE_USER);
}

enum err
todos_update(struct req *r)
{
	return update(r, WIRE_USER);
}

enum err
todos_delete(struct req *r)
{
	return erase(r, WIRE_USER);
}
