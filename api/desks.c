/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/desks and /desk: who studies in a room. A person sits at one desk at a time, and
 * its clock runs while maru-push sees them in the room (deskwatch.h); what it has measured becomes
 * a study session when they pause or leave. The room is told, and the person's other devices.
 */
#include "desks.h"

#include "db.h"
#include "deskwatch.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "sql.h"
#include "stream.h"
#include "study.h"

#define SESSION_LEAST 1000 /* milliseconds */

struct desk_in {
	const char *state;
};

static const struct field desk_fields[] = {
    WORD_FIELD(struct desk_in, state, "studying|paused", 0),
    END_FIELD,
};

/* The streams of a room, if there is one still, and of a person. */
struct places {
	struct stream_pos room, user;
	bool is_room;
};

/* Takes the next place in each. */
static enum err
take(struct req *r, uint64_t room, uint64_t user, struct places *at)
{
	enum err e = stream_next(r, WIRE_ROOM, room, &at->room);

	at->is_room = e == OK;
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	return stream_next(r, WIRE_USER, user, &at->user);
}

/* The row as clients see it, with what was studied today before. */
static enum err
show(struct req *r, json_t *row, json_t **out)
{
	char began[CLOCK_TEXT_SIZE], ends[CLOCK_TEXT_SIZE];
	struct studydays today;
	struct study_rule rule;
	struct study_sums sums;

	TRY(study_rule(r, row_id(row, "user"), &rule));
	study_today(&rule, &today);
	TRY(study_sum(r, row_id(row, "user"), &today, false, &sums));
	clock_text(today.begins[0], began);
	clock_text(today.begins[1], ends);
	*out = req_own(r, json_copy(row));
	(void)json_object_set_new(*out, "today", json_integer((json_int_t)sums.studied[0]));
	(void)json_object_set_new(*out, "day_began_at", json_string(began));
	(void)json_object_set_new(*out, "day_ends_at", json_string(ends));
	return OK;
}

enum err
desks_find(struct req *r, uint64_t user, json_t **out)
{
	json_t *row;
	enum err e = sql_desk_get(r, user, &row);

	*out = NULL;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	return show(r, row, out);
}

/* Tells both, and gives what was told. */
static enum err
announce(struct req *r, const struct places *at, json_t **desk)
{
	json_t *row;

	TRY(sql_desk_get(r, at->user.id, &row));
	TRY(show(r, row, desk));
	if (at->is_room)
		TRY(stream_store(r, &at->room, EV_DESK_UPDATED, req_own(r, json_copy(*desk))));
	return stream_store(r, &at->user, EV_DESK_UPDATED, req_own(r, json_copy(*desk)));
}

/* ---- leaving ---- */

static json_t *
gone(struct req *r, uint64_t room, uint64_t user)
{
	return req_own(
	    r, json_pack("{s:I, s:I}", "room", (json_int_t)room, "user", (json_int_t)user));
}

/* Makes a session of what the clock has measured, up to `grace` seconds after they were seen last;
 * less than a second is nothing. */
static enum err
store(struct req *r, uint64_t user, int64_t grace)
{
	json_t *row;

	TRY(sql_desk_measured(r, user, grace, &row));
	if (json_integer_value(json_object_get(row, "ms")) < SESSION_LEAST)
		return OK;
	return sql_desk_store(r, user, grace, NULL);
}

/* Takes the places of what will be told, and holds the desk. ERR_NOT_FOUND: they sit there no more.
 */
static enum err
hold(struct req *r, uint64_t room, uint64_t user, struct places *at, json_t **row)
{
	TRY(take(r, room, user, at));
	TRY(sql_desk_hold(r, user, deskwatch_grace(r->conf), row));
	return row_id(*row, "room") == room ? OK : ERR_NOT_FOUND;
}

/* Ends the desk, in a transaction of its own; the clock ran for `grace` seconds more at most after
 * they were seen last. */
static enum err
leave(struct req *r, uint64_t room, uint64_t user, int64_t grace)
{
	struct places at;
	json_t *row;

	TRY(db_begin(r->db));
	TRY(hold(r, room, user, &at, &row));
	TRY(store(r, user, grace));
	CRASH_POINT("api.before_desk_left");
	TRY(sql_desk_delete(r, user, NULL));
	if (at.is_room)
		TRY(stream_store(r, &at.room, EV_DESK_LEFT, gone(r, room, user)));
	TRY(stream_store(r, &at.user, EV_DESK_LEFT, gone(r, room, user)));
	TRY(db_commit(r->db));
	notify_flush(r);
	return OK;
}

enum err
desks_close(struct req *r, uint64_t room, uint64_t user)
{
	struct stream_pos at;
	json_t *row;
	enum err e = sql_desk_get(r, user, &row);

	if (e != OK || row_id(row, "room") != room)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(stream_next(r, WIRE_USER, user, &at));
	TRY(store(r, user, deskwatch_grace(r->conf)));
	TRY(sql_desk_delete(r, user, NULL));
	return stream_store(r, &at, EV_DESK_LEFT, gone(r, room, user));
}

enum err
desks_expire(struct req *r, uint64_t room, uint64_t user)
{
	return leave(r, room, user, 0);
}

/* Leaves the desk: 204. */
enum err
desks_leave(struct req *r)
{
	TRY(leave(r, req_id(r, "room"), r->user, deskwatch_grace(r->conf)));
	return req_reply(r, 204, NULL);
}

/* ---- sitting ---- */

enum err
desks_restart(struct req *r, uint64_t room, uint64_t user)
{
	struct places at;
	json_t *row, *desk;

	TRY(db_begin(r->db));
	TRY(hold(r, room, user, &at, &row));
	TRY(store(r, user, 0));
	TRY(sql_desk_clock(r, user, json_is_true(json_object_get(row, "running")), NULL));
	TRY(announce(r, &at, &desk));
	TRY(db_commit(r->db));
	notify_flush(r);
	return OK;
}

/* Brings a desk that is held, or none (row NULL), into a state; *changed: whether it is another one
 * now. */
static enum err
bring(struct req *r, uint64_t room, const json_t *row, bool paused, bool *changed)
{
	bool running = row != NULL && json_is_true(json_object_get(row, "running"));
	bool stale = row != NULL && json_is_true(json_object_get(row, "stale"));

	*changed = true;
	if (row == NULL)
		return sql_desk_insert(r, r->user, room, paused ? 0 : 1, NULL);
	if (paused && running) {
		TRY(store(r, r->user, deskwatch_grace(r->conf)));
		return sql_desk_clock(r, r->user, 0, NULL);
	}
	if (!paused && (!running || stale)) {
		TRY(store(r, r->user, 0));
		return sql_desk_clock(r, r->user, 1, NULL);
	}
	*changed = false;
	return OK;
}

static enum err
sit(struct req *r, uint64_t room, bool paused, json_t **desk)
{
	json_t *row, *known = NULL;
	struct places at = {.is_room = true};
	bool changed;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, room, &at.room));
	TRY(rooms_require(r, room, &row));
	TRY(stream_next(r, WIRE_USER, r->user, &at.user));
	e = sql_desk_hold(r, r->user, deskwatch_grace(r->conf), &known);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK && row_id(known, "room") != room)
		return ERR_RETRY; /* sat down elsewhere meanwhile */
	TRY(bring(r, room, e == OK ? known : NULL, paused, &changed));
	if (!changed) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return desks_find(r, r->user, desk);
	}
	TRY(announce(r, &at, desk));
	TRY(db_commit(r->db));
	notify_flush(r);
	return OK;
}

/* Sits down, pauses or goes on: 200 with the desk. Who sat elsewhere has left that desk. */
enum err
desks_set(struct req *r)
{
	uint64_t room = req_id(r, "room"), before;
	struct desk_in in;
	json_t *row, *desk;
	enum err e;

	TRY(req_read(r, desk_fields, &in));
	e = sql_desk_get(r, r->user, &row);
	if (e == OK && (before = row_id(row, "room")) != room) {
		TRY(rooms_require(r, room, &row)); /* or they stay where they are */
		e = leave(r, before, r->user, deskwatch_grace(r->conf));
	}
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	db_rollback(r->db);
	TRY(sit(r, room, in.state != NULL && strcmp(in.state, "paused") == 0, &desk));
	return req_reply(r, 200, json_incref(desk));
}

/* Who sits in a room, in the order of their ids. */
enum err
desks_list(struct req *r)
{
	json_t *rows, *row, *shown, *desks = req_own(r, json_array());
	struct page page;
	size_t i;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(page_read(r, 0, &page));
	TRY(sql_desks_list(r, req_id(r, "room"), page.cursor, (int64_t)page.limit + 1, &rows));
	json_array_foreach (rows, i, row) {
		TRY(show(r, row, &shown));
		(void)json_array_append(desks, shown);
	}
	return page_reply(r, "desks", desks, &page, "user");
}

/* ---- for what changes the sessions ---- */

enum err
desks_hold(struct req *r, uint64_t *room)
{
	json_t *before, *now;
	enum err e = sql_desk_get(r, r->user, &before), again;

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*room = e == OK ? row_id(before, "room") : 0;
	if (*room != 0 && (e = stream_hold(r, WIRE_ROOM, *room)) != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(stream_hold(r, WIRE_USER, r->user));
	again = sql_desk_hold(r, r->user, deskwatch_grace(r->conf), &now);
	if (again != OK && again != ERR_NOT_FOUND)
		return again;
	return (again == OK ? row_id(now, "room") : 0) == *room ? OK : ERR_RETRY;
}

enum err
desks_announce(struct req *r, uint64_t room)
{
	struct places at;
	json_t *desk;

	TRY(take(r, room, r->user, &at));
	return announce(r, &at, &desk);
}

enum err
desks_refresh(struct req *r)
{
	uint64_t room;

	TRY(desks_hold(r, &room));
	return room == 0 ? OK : desks_announce(r, room);
}
