/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/calls and /v1/calls: who speaks with whom, by sound and picture. A room has one
 * call at a time. What is said in it goes from browser to browser; what they have to tell each
 * other for that goes through the call's own channel (realtime.c), which only those hear who are in
 * it. Or it goes through Janus, for many of them (sfu.c): that is settled when a call begins.
 */
#include "db.h"
#include "incall.h"
#include "pairs.h"
#include "rooms.h"
#include "route.h"
#include "sfu.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define PEER_LEAST   16
#define PEER_MOST    64
#define PEER_CHARS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define CALLS_MAX    60 /* that somebody begins, or rings for, in a window */
#define CALLS_WINDOW 60

struct call_in {
	const char *peer;
	int64_t video;
};

static const struct field call_fields[] = {
    NAME_FIELD(struct call_in, peer, PEER_LEAST, PEER_MOST, PEER_CHARS, FIELD_REQUIRED),
    BOOL_FIELD(struct call_in, video, 0),
    END_FIELD,
};

static const struct field join_fields[] = {
    NAME_FIELD(struct call_in, peer, PEER_LEAST, PEER_MOST, PEER_CHARS, FIELD_REQUIRED),
    END_FIELD,
};

/* A call in a room that the asker is in. */
static enum err
find(struct req *r, uint64_t call, json_t **row)
{
	json_t *room;

	TRY(sql_call_get(r, call, row));
	return rooms_require(r, row_id(*row, "room"), &room);
}

/* {"calls": [...]} of all rooms that the asker is in, the newest first. */
enum err
calls_list(struct req *r)
{
	json_t *rows, *calls;

	TRY(sql_calls_list(r, r->user, &rows));
	TRY(incall_show_all(r, rows, &calls));
	return req_reply(r, 200, json_pack("{s:O}", "calls", calls));
}

enum err
calls_get(struct req *r)
{
	json_t *row, *shown;

	TRY(find(r, req_id(r, "call"), &row));
	TRY(incall_show(r, row, &shown));
	return req_reply(r, 200, json_incref(shown));
}

/* ---- coming ---- */

static enum err
throttle(struct req *r)
{
	return throttle_take(
	    r, arena_printf(&r->mem, "call:%" PRIu64, r->user), CALLS_MAX, CALLS_WINDOW);
}

/* Whoever is in the call of another room leaves that, or is rung there no more. */
static enum err
leave_elsewhere(struct req *r, uint64_t room)
{
	json_t *place;
	enum err e = sql_call_place(r, r->user, &place);

	if (e == OK && row_id(place, "room") != room)
		e = incall_leave(r, row_id(place, "of_call"), r->user, NULL);
	db_rollback(r->db);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Holds the room for a member, then whose streams may be told: the asker's own, and in a room of
 * two the partner's (*partner, else 0). */
static enum err
hold(struct req *r, uint64_t room, uint64_t *partner)
{
	json_t *row, *other;

	*partner = 0;
	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(rooms_require(r, room, &row));
	TRY(rooms_require_reader(row));
	if (!rooms_is_direct(row))
		return stream_hold(r, WIRE_USER, r->user);
	TRY(sql_call_partner(r, room, r->user, &other));
	*partner = row_id(other, "user");
	return pairs_hold(r, *partner);
}

static enum err
enter(struct req *r, const json_t *row, const char *peer, json_t **shown)
{
	bool changed;

	TRY(incall_enter(r, row, peer, &changed));
	if (!changed)
		return incall_show(r, row, shown);
	return incall_announce(r, row_id(row, "id"), EV_CALL_UPDATED, shown);
}

/* A new call, with the asker in it; rings the partner, if there is one. */
static enum err
begin(struct req *r, uint64_t room, const struct call_in *in, uint64_t partner, json_t **shown)
{
	json_t *row;
	bool changed;

	TRY(sql_call_insert(r, room, in->video != 0,
	    partner == 0 && sfu_is_on(r->conf) ? "sfu" : "mesh", r->user, NULL));
	TRY(sql_call_of_room(r, room, &row));
	TRY(sql_call_get(r, row_id(row, "id"), &row));
	TRY(incall_enter(r, row, in->peer, &changed));
	if (partner != 0)
		TRY(incall_ring(r, row, partner, &changed));
	return incall_announce(r, row_id(row, "id"), EV_CALL_STARTED, shown);
}

/* What can be known before the asker leaves another call for this one. */
static enum err
check_first(struct req *r, uint64_t room, const json_t *row)
{
	json_t *partner, *place;
	enum err e;

	TRY(rooms_require_reader(row));
	if (!rooms_is_direct(row))
		return OK;
	TRY(sql_call_partner(r, room, r->user, &partner));
	e = sql_call_place(r, row_id(partner, "user"), &place);
	if (e == OK && row_id(place, "room") != room)
		return ERR_CALLEE_BUSY;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Begins a call: 201; joins the one that the room has: 200. In a room of two the other is rung. */
enum err
calls_create(struct req *r)
{
	uint64_t room = req_id(r, "room"), partner;
	struct call_in in;
	json_t *row, *shown;
	enum err e;

	TRY(req_read(r, call_fields, &in));
	TRY(rooms_require(r, room, &row));
	TRY(check_first(r, room, row));
	TRY(throttle(r));
	TRY(leave_elsewhere(r, room));
	TRY(hold(r, room, &partner));
	e = sql_call_of_room(r, room, &row);
	if (e == ERR_NOT_FOUND) {
		TRY(begin(r, room, &in, partner, &shown));
		return req_reply(r, 201, json_incref(shown));
	}
	TRY(e);
	TRY(sql_call_get(r, row_id(row, "id"), &row));
	TRY(enter(r, row, in.peer, &shown));
	return req_reply(r, 200, json_incref(shown));
}

/* Joins a call, answers it, or moves to another window: 200 with the call. */
enum err
calls_join(struct req *r)
{
	uint64_t call = req_id(r, "call"), room, partner;
	struct call_in in;
	json_t *row, *shown;

	TRY(req_read(r, join_fields, &in));
	TRY(find(r, call, &row));
	room = row_id(row, "room");
	TRY(leave_elsewhere(r, room));
	TRY(hold(r, room, &partner));
	TRY(sql_call_get(r, call, &row));
	TRY(enter(r, row, in.peer, &shown));
	return req_reply(r, 200, json_incref(shown));
}

/* ---- ringing ---- */

static enum err
require_inside(struct req *r, uint64_t call)
{
	bool in;

	TRY(incall_has(r, call, r->user, &in));
	return in ? OK : req_fail(r, ERR_FORBIDDEN, "only who is in the call may ring others");
}

/* Rings a member of the room for the call that the asker is in: 200 with the call. */
enum err
calls_ring(struct req *r)
{
	uint64_t call = req_id(r, "call"), user = req_id(r, "user"), room;
	json_t *row, *member, *shown;
	bool changed;

	TRY(find(r, call, &row));
	room = row_id(row, "room");
	TRY(throttle(r));
	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(find(r, call, &row));
	TRY(require_inside(r, call));
	TRY(sql_member_get(r, room, user, &member));
	TRY(stream_hold(r, WIRE_USER, user));
	TRY(incall_ring(r, row, user, &changed));
	if (changed)
		TRY(incall_announce(r, call, EV_CALL_UPDATED, &shown));
	else
		TRY(incall_show(r, row, &shown));
	return req_reply(r, 200, json_incref(shown));
}

/* ---- going ---- */

/* Leaves the call, or rejects it: 204. */
enum err
calls_leave(struct req *r)
{
	TRY(incall_leave(r, req_id(r, "call"), r->user, NULL));
	return req_reply(r, 204, NULL);
}
