/* SPDX-License-Identifier: MIT */
/* Keeps Janus as the database has it, while there are calls that go through it: each of them has a
 * room there, nobody is in it who is not in the call, and there are no other rooms. See courier.h.
 *
 * It compares what is with what should be, twice a second, and remembers nothing. So it does not
 * matter who dies when: a call that was never told of gets its room, a room that is left over goes,
 * and a Janus that began anew is filled again.
 *
 * Janus is always asked before the database. Whoever was in a room then and is in no seat now has
 * left; a room without a call now is one whose call has ended.
 */
#include "courier.h"
#include "db.h"
#include "sfu.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>

#define BEAT_MS       500
#define PAUSE_MS      1000 /* after something went wrong */
#define LIMIT_MS      3000
#define LIST_MAX      ((size_t)1 << 20) /* bytes: two thousand rooms */
#define PUBLISHERS    32                /* more than there are seats: connections that are lost */
#define BITRATE       1500000 /* of a picture; browsers send less where many are in a call */
#define OURS          "maru"  /* what the description of a room is */
#define ROOM_IS_THERE 427
#define NO_SUCH_ROOM  426
#define NO_SUCH_FEED  428

/* Of the one process that runs this. */
static struct {
	uint64_t session, handle; /* by which Janus knows us; 0: it does not */
	bool failing;             /* said so in the log */
	bool empty;               /* there was no room of ours when we looked */
} state;

/* ---- talking to Janus ---- */

static bool
fail(const char *why)
{
	if (!state.failing && *courier_stop() == 0)
		log_warn("sfu_url does not do what it should: %s; trying again", why);
	state.failing = true;
	state.session = state.handle = 0;
	return false;
}

/* Says something, at the place where it is to be heard; false: nothing came of it. */
static bool
say(struct courier *c, const char *place, json_t *words, json_t **answer)
{
	struct req *r = &c->r;
	char why[REMOTE_WHY_SIZE], *text;
	struct buf *heard = req_buf(r, LIST_MAX);
	struct remote_http h = {.url = arena_printf(&r->mem, "%s%s", r->conf->sfu_url, place),
	    .headers = {"Content-Type: application/json"},
	    .answer = heard,
	    .answer_max = LIST_MAX,
	    .limit_ms = LIMIT_MS,
	    .stop = courier_stop()};
	int status;

	(void)json_object_set_new(words, "transaction", json_string(OURS));
	(void)json_object_set_new(words, "token", json_string(sfu_token(r, "janus", SFU_PLUGIN)));
	if ((text = json_dumps(words, JSON_COMPACT)) == NULL)
		abort();
	h.body = str_of(text);
	courier_leave(c);
	status = remote_http(c->remote, &h, why);
	courier_return(c);
	free(text);
	if (status == 0)
		return fail(why);
	*answer = req_own(r, json_loadb(heard->p, heard->n, 0, NULL));
	if (strcmp(row_text(*answer, "janus"), "success") == 0)
		return true;
	why[0] = '\0';
	return fail(arena_printf(&r->mem, "it answers %d %s", status,
	    row_text(json_object_get(*answer, "error"), "reason")));
}

static bool
open_one(struct courier *c, const char *place, json_t *words, uint64_t *id)
{
	json_t *answer;

	if (!say(c, place, req_own(&c->r, words), &answer))
		return false;
	*id = row_id(json_object_get(answer, "data"), "id");
	return *id != 0;
}

/* Whether Janus knows us. It forgets who says nothing for a while. */
static bool
greet(struct courier *c)
{
	if (state.handle != 0)
		return true;
	return open_one(c, "", json_pack("{s:s}", "janus", "create"), &state.session) &&
	       open_one(c, arena_printf(&c->r.mem, "/%" PRIu64, state.session),
		   json_pack("{s:s, s:s}", "janus", "attach", "plugin", SFU_PLUGIN), &state.handle);
}

/* Asks the part of Janus that has the rooms. A mistake that may be is none. */
static bool
ask(struct courier *c, json_t *body, int may, json_t **data)
{
	const char *place =
	    arena_printf(&c->r.mem, "/%" PRIu64 "/%" PRIu64, state.session, state.handle);
	json_t *answer = NULL;
	int mistake;

	if (!say(c, place,
		req_own(&c->r, json_pack("{s:s, s:o}", "janus", "message", "body", body)), &answer))
		return false;
	*data = json_object_get(json_object_get(answer, "plugindata"), "data");
	mistake = (int)row_id(*data, "error_code");
	if (mistake == 0 || mistake == may)
		return true;
	return fail(row_text(*data, "error"));
}

/* ---- its rooms ---- */

static bool
make(struct courier *c, uint64_t room)
{
	json_t *data;

	return ask(c,
	    json_pack("{s:s, s:I, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:i, s:i, s:b, s:s, s:s}",
		"request", "create", "room", (json_int_t)room, "admin_key",
		c->r.conf->sfu_admin_key, "secret", sfu_room_secret(&c->r, room), "description",
		OURS, "permanent", 0, "is_private", 1, "signed_tokens", 1, "require_pvtid", 1,
		"publishers", PUBLISHERS, "bitrate", BITRATE, "bitrate_cap", 1, "audiocodec",
		"opus", "videocodec", "vp8"),
	    ROOM_IS_THERE, &data);
}

static bool
destroy(struct courier *c, uint64_t room)
{
	json_t *data;

	return ask(c,
	    json_pack("{s:s, s:I, s:s}", "request", "destroy", "room", (json_int_t)room, "secret",
		sfu_room_secret(&c->r, room)),
	    NO_SUCH_ROOM, &data);
}

/* Whose number of that name is this; NULL: there is none. */
static json_t *
find(const json_t *list, const char *name, uint64_t id)
{
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		if (row_id(one, name) == id)
			return one;
	}
	return NULL;
}

/* Puts those out who are not in the call, and with them goes all that they hear. */
static bool
clear(struct courier *c, uint64_t call, uint64_t room)
{
	json_t *data, *seats, *one;
	size_t i;

	if (!ask(c,
		json_pack("{s:s, s:I}", "request", "listparticipants", "room", (json_int_t)room),
		NO_SUCH_ROOM, &data))
		return false;
	if (sql_usher_inside(&c->r, call, &seats) != OK)
		return true;
	json_array_foreach (json_object_get(data, "participants"), i, one) {
		uint64_t feed = row_id(one, "id");
		json_t *done;

		if (find(seats, "user", feed >> SFU_FEED_BITS) == NULL &&
		    !ask(c,
			json_pack("{s:s, s:I, s:I, s:s}", "request", "kick", "room",
			    (json_int_t)room, "id", (json_int_t)feed, "secret",
			    sfu_room_secret(&c->r, room)),
			NO_SUCH_FEED, &done))
			return false;
	}
	return true;
}

/* ---- what is, and what should be ---- */

/* Each call has its room, with nobody else in it. */
static bool
keep(struct courier *c, const json_t *calls, const json_t *list)
{
	json_t *call;
	size_t i;

	json_array_foreach (calls, i, call) {
		uint64_t room = row_id(call, "room");
		const json_t *there = find(list, "room", room);

		if (there == NULL && !make(c, room))
			return false;
		if (there != NULL && row_id(there, "num_participants") > 0 &&
		    !clear(c, row_id(call, "id"), room))
			return false;
	}
	return true;
}

/* Rooms whose calls have ended go. */
static bool
sweep(struct courier *c, const json_t *calls, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		if (strcmp(row_text(one, "description"), OURS) == 0 &&
		    find(calls, "room", row_id(one, "room")) == NULL &&
		    !destroy(c, row_id(one, "room")))
			return false;
	}
	return true;
}

static bool
read_calls(struct req *r, json_t **calls)
{
	json_t *call;
	size_t i;

	if (sql_usher_calls(r, calls) != OK)
		return false;
	json_array_foreach (*calls, i, call)
		(void)json_object_set_new(
		    call, "room", json_integer((json_int_t)sfu_room(r, row_id(call, "id"))));
	return true;
}

static int
step(struct courier *c)
{
	struct req *r = &c->r;
	json_t *calls, *data, *list;

	if (db_ready(r->db) != OK || !read_calls(r, &calls))
		return PAUSE_MS;
	if (json_array_size(calls) == 0 && state.empty)
		return BEAT_MS;
	if (!greet(c) ||
	    !ask(c, json_pack("{s:s, s:s}", "request", "list", "admin_key", r->conf->sfu_admin_key),
		0, &data))
		return PAUSE_MS;
	list = json_object_get(data, "list");
	if (!read_calls(r, &calls) || !keep(c, calls, list) || !sweep(c, calls, list))
		return PAUSE_MS;
	if (state.failing)
		log_info("sfu_url does what it should again");
	state.failing = false;
	/* In a long silence Janus forgets us. */
	if ((state.empty = json_array_size(calls) == 0))
		state.handle = 0;
	return BEAT_MS;
}

const struct errand errand_usher = {"the usher keeps the rooms of sfu_url", step};
