/* SPDX-License-Identifier: MIT */
#include "incall.h"

#include "db.h"
#include "notifications.h"
#include "pairs.h"
#include "rooms.h"
#include "sfu.h"
#include "shared/channel.h"
#include "shared/crash.h"
#include "sql.h"
#include "stream.h"

/* ---- telling ---- */

static int64_t
seats_of(const struct req *r, const json_t *row)
{
	return sfu_carries(row) ? r->conf->sfu_seats : r->conf->call_seats;
}

static json_t *
describe(struct req *r, const json_t *row, json_t *people)
{
	return req_own(r,
	    json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:i, s:O}", "id", json_object_get(row, "id"),
		"room", json_object_get(row, "room"), "video", json_object_get(row, "video"), "via",
		json_object_get(row, "via"), "started_by", json_object_get(row, "started_by"),
		"started_at", json_object_get(row, "started_at"), "max_members",
		(int)seats_of(r, row), "members", people));
}

enum err
incall_show(struct req *r, const json_t *row, json_t **out)
{
	json_t *people;

	TRY(sql_call_people(r, row_id(row, "id"), &people));
	*out = describe(r, row, people);
	return OK;
}

/* Those of the next call out of the list of all. */
static json_t *
take_people(struct req *r, const json_t *all, size_t *next, uint64_t call)
{
	json_t *one, *people = req_own(r, json_array());

	while ((one = json_array_get(all, *next)) != NULL && row_id(one, "of_call") == call) {
		(void)json_object_del(one, "of_call");
		(void)json_array_append(people, one);
		(*next)++;
	}
	return people;
}

enum err
incall_show_all(struct req *r, const json_t *rows, json_t **out)
{
	json_t *row, *all, *people, *ids = req_own(r, json_array());
	const char *text;
	size_t i, next = 0;

	*out = req_own(r, json_array());
	json_array_foreach (rows, i, row)
		(void)json_array_append(ids, json_object_get(row, "id"));
	TRY(req_dump(r, ids, &text));
	TRY(sql_calls_people(r, text, &all));
	json_array_foreach (rows, i, row) {
		people = take_people(r, all, &next, row_id(row, "id"));
		if (json_array_size(people) > 0) /* else it has just ended */
			(void)json_array_append(*out, describe(r, row, people));
	}
	return OK;
}

enum err
incall_announce(struct req *r, uint64_t call, enum event ev, json_t **out)
{
	json_t *row;

	TRY(sql_call_get(r, call, &row));
	TRY(incall_show(r, row, out));
	return stream_append(
	    r, WIRE_ROOM, row_id(row, "room"), ev, req_own(r, json_deep_copy(*out)));
}

/* Takes the right to hear the call from those who have it since before this turn. */
static void
revoke(struct req *r, uint64_t call, uint64_t user, uint64_t turn)
{
	char name[CHANNEL_TEXT_SIZE];

	(void)channel_write_call(call, name);
	notify_revoke(r, arena_strdup(&r->mem, name), user, turn);
}

/* It rings no more for somebody, on none of their devices. */
static enum err
silence(struct req *r, const json_t *row, uint64_t user, const char *why)
{
	return stream_append(r, WIRE_USER, user, EV_CALL_SILENCED,
	    req_own(r, json_pack("{s:O, s:O, s:s}", "id", json_object_get(row, "id"), "room",
			   json_object_get(row, "room"), "reason", why)));
}

/* ---- coming ---- */

static enum err
check_seats(struct req *r, const json_t *row)
{
	json_t *count;

	TRY(sql_call_count(r, row_id(row, "id"), &count));
	return (int64_t)row_id(count, "inside") < seats_of(r, row) ? OK : ERR_CALL_FULL;
}

/* Where somebody is, NULL: nowhere. */
static enum err
place_of(struct req *r, uint64_t user, json_t **place)
{
	enum err e = sql_call_place(r, user, place);

	if (e == ERR_NOT_FOUND)
		*place = NULL;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err
incall_has(struct req *r, uint64_t call, uint64_t user, bool *in)
{
	json_t *place;

	TRY(place_of(r, user, &place));
	*in = place != NULL && row_id(place, "of_call") == call &&
	      !json_is_true(json_object_get(place, "ringing"));
	return OK;
}

enum err
incall_check(struct req *r, uint64_t call, uint64_t user)
{
	json_t *row;
	bool in;

	TRY(sql_call_get(r, call, &row));
	TRY(incall_has(r, call, user, &in));
	if (in)
		return OK;
	revoke(r, call, user, row_id(row, "turn") + 1);
	notify_flush(r);
	return OK;
}

enum err
incall_enter(struct req *r, const json_t *row, const char *peer, bool *changed)
{
	uint64_t call = row_id(row, "id");
	bool ringing;
	json_t *place;

	*changed = true;
	TRY(place_of(r, r->user, &place));
	if (place != NULL && row_id(place, "of_call") != call)
		return ERR_RETRY;
	ringing = json_is_true(json_object_get(place, "ringing"));
	if (place != NULL && !ringing && strcmp(row_text(place, "peer"), peer) == 0) {
		*changed = false;
		return OK;
	}
	if (place == NULL || ringing)
		TRY(check_seats(r, row));
	TRY(sql_call_enter(r, r->user, call, peer, NULL));
	TRY(sql_call_turn(r, call, NULL));
	if (row_id(row, "started_by") != r->user)
		TRY(sql_call_answered(r, call, NULL));
	return ringing ? silence(r, row, r->user, "accepted") : OK;
}

/* Who blocks somebody, or is blocked, does not ring them; to the latter it looks like anybody who
 * can't be reached. */
static enum err
check_reach(struct req *r, uint64_t user)
{
	json_t *pair;

	TRY(pairs_get(r, user, &pair));
	TRY(pairs_check_block(r, pair));
	return json_is_true(json_object_get(pair, "blocked")) ||
		       strcmp(row_text(pair, "state"), "active") != 0
		   ? ERR_UNREACHABLE
		   : OK;
}

enum err
incall_ring(struct req *r, const json_t *row, uint64_t user, bool *changed)
{
	uint64_t call = row_id(row, "id");
	json_t *place, *shown;

	*changed = false;
	TRY(check_reach(r, user));
	TRY(place_of(r, user, &place));
	if (place != NULL)
		return row_id(place, "of_call") == call ? OK : ERR_CALLEE_BUSY;
	TRY(check_seats(r, row));
	TRY(sql_call_ring(r, user, call, r->user, r->conf->call_ring, NULL));
	TRY(incall_show(r, row, &shown));
	*changed = true;
	return stream_append(r, WIRE_USER, user, EV_CALL_RINGING,
	    req_own(r, json_pack("{s:O, s:I}", "call", shown, "from", (json_int_t)r->user)));
}

/* ---- going ---- */

/* Nobody is in it from here on. *rung: who was rung until now. */
static enum err
close_all(struct req *r, const json_t *row, json_t **rung)
{
	uint64_t call = row_id(row, "id");
	json_t *one;
	size_t i;

	TRY(sql_call_rung(r, call, rung));
	json_array_foreach (*rung, i, one)
		TRY(silence(r, row, row_id(one, "user"), "cancelled"));
	revoke(r, call, WIRE_EVERYBODY, UINT64_MAX - 1);
	TRY(sql_call_empty(r, call, NULL));
	return sql_call_delete(r, call, NULL);
}

static enum err
end(struct req *r, const json_t *row, const char *why, json_t **rung)
{
	json_t *lasted;

	TRY(sql_call_lasted(r, row_id(row, "id"), &lasted));
	TRY(close_all(r, row, rung));
	return stream_append(r, WIRE_ROOM, row_id(row, "room"), EV_CALL_ENDED,
	    req_own(r, json_pack("{s:O, s:O, s:s, s:O}", "id", json_object_get(row, "id"), "room",
			   json_object_get(row, "room"), "reason", why, "duration",
			   json_object_get(lasted, "ms"))));
}

/* The call of two ends with the first who leaves it, any other with the last. */
static enum err
is_over(struct req *r, const json_t *row, bool *over)
{
	json_t *count;

	TRY(sql_call_count(r, row_id(row, "id"), &count));
	*over = json_is_true(json_object_get(row, "direct")) || row_id(count, "inside") == 0;
	return OK;
}

/* The word for why somebody goes. */
static const char *
reason_of(const json_t *row, bool ringing, const char *why)
{
	if (why != NULL)
		return why;
	if (ringing)
		return "rejected";
	return json_is_true(json_object_get(row, "answered")) ? "left" : "cancelled";
}

/* These were rung in vain. The room is held and has just heard of it, so its last event says so. */
static enum err
tell_missed(struct req *r, const json_t *row, const json_t *rung)
{
	struct stream_pos at;
	json_t *one;
	size_t i;

	if (json_array_size(rung) == 0)
		return OK;
	TRY(stream_head(r, WIRE_ROOM, row_id(row, "room"), &at));
	json_array_foreach (rung, i, one)
		TRY(notifications_miss(r, row, one, at.seq));
	return OK;
}

/* Takes somebody out of the call; place: of sql_call_place(). why: as in incall_leave(). */
static enum err
drop(struct req *r, const json_t *row, json_t *place, const char *why)
{
	uint64_t call = row_id(row, "id"), user = row_id(place, "user");
	bool over, ringing = json_is_true(json_object_get(place, "ringing"));
	const char *reason = reason_of(row, ringing, why);
	json_t *told, *rung = req_own(r, json_array());

	TRY(sql_call_leave(r, user, NULL));
	TRY(sql_call_turn(r, call, NULL));
	if (ringing)
		TRY(silence(r, row, user,
		    strcmp(reason, INCALL_OFFLINE) == 0 ? INCALL_UNANSWERED : reason));
	else
		revoke(r, call, user, row_id(row, "turn") + 1);
	TRY(is_over(r, row, &over));
	TRY(over ? end(r, row, reason, &rung) : incall_announce(r, call, EV_CALL_UPDATED, &told));
	if (ringing && why != NULL)
		(void)json_array_append(rung, place);
	return tell_missed(r, row, rung);
}

/* Holds the room of a call. ERR_NOT_FOUND: there is no such call, or they are not in it. */
static enum err
hold(struct req *r, uint64_t call, uint64_t user, json_t **row, json_t **place)
{
	TRY(sql_call_get(r, call, row));
	TRY(stream_hold(r, WIRE_ROOM, row_id(*row, "room")));
	TRY(sql_call_get(r, call, row));
	TRY(sql_call_place(r, user, place));
	return row_id(*place, "of_call") == call ? OK : ERR_NOT_FOUND;
}

static enum err
commit(struct req *r)
{
	CRASH_POINT("api.before_call_left");
	TRY(db_commit(r->db));
	notify_flush(r);
	return OK;
}

enum err
incall_leave(struct req *r, uint64_t call, uint64_t user, const char *why)
{
	json_t *row, *place;

	TRY(db_begin(r->db));
	TRY(hold(r, call, user, &row, &place));
	TRY(drop(r, row, place, why));
	return commit(r);
}

enum err
incall_expire(struct req *r, uint64_t call, uint64_t user)
{
	json_t *row, *place;
	const char *why = INCALL_LOST;

	TRY(db_begin(r->db));
	TRY(hold(r, call, user, &row, &place));
	if (json_is_true(json_object_get(place, "ringing")))
		why = json_is_true(json_object_get(place, "late")) ? INCALL_UNANSWERED
								   : INCALL_OFFLINE;
	TRY(drop(r, row, place, why));
	return commit(r);
}

enum err
incall_close(struct req *r, uint64_t room, uint64_t user)
{
	json_t *row, *place;

	TRY(place_of(r, user, &place));
	if (place == NULL || row_id(place, "room") != room)
		return OK;
	TRY(sql_call_get(r, row_id(place, "of_call"), &row));
	return drop(r, row, place, NULL);
}

enum err
incall_erase(struct req *r, uint64_t room)
{
	json_t *row, *rung;
	enum err e = sql_call_of_room(r, room, &row);

	if (e == OK)
		e = sql_call_get(r, row_id(row, "id"), &row);
	return e == OK ? close_all(r, row, &rung) : e == ERR_NOT_FOUND ? OK : e;
}
