/* SPDX-License-Identifier: MIT */
/* /v1/direct-rooms: the one room of two people.
 *
 * A pair has one row in `direct`, whose key decides who makes the room. Either may leave and come
 * back, and then sees only what came after; meanwhile nobody can send there. When both have left,
 * the room is erased, and the next call makes another one.
 */
#include "directs.h"

#include "db.h"
#include "members.h"
#include "pairs.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "throttle.h"

#include <inttypes.h>

#define ROOMS_MAX    100 /* that somebody makes in ROOMS_WINDOW seconds */
#define ROOMS_WINDOW 3600

/* ---- what clients see ---- */

/* The ids of the direct rooms among these. */
static json_t *
list_ids(struct req *r, const json_t *rooms)
{
	json_t *ids = req_own(r, json_array()), *room;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)rooms, i, room) {
		if (rooms_is_direct(room))
			(void)json_array_append(ids, json_object_get(room, "id"));
	}
	return ids;
}

static void
add_partner(json_t *room, const json_t *row)
{
	static const char *const shown[] = {
	    "id", "name", "nickname", "avatar", "status_message", "bot"};
	bool inside = json_is_true(json_object_get(row, "inside"));
	json_t *partner = json_object();

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		(void)json_object_set(partner, shown[i], json_object_get(row, shown[i]));
	(void)json_object_set_new(room, "partner", partner);
	(void)json_object_set_new(room, "sendable", json_boolean(inside));
	if (!inside)
		(void)json_object_set_new(room, "reason", json_string("partner_left"));
}

/* As directs_describe(), for somebody else. */
static enum err
describe_for(struct req *r, uint64_t user, json_t *rooms)
{
	json_t *ids = list_ids(r, rooms), *rows, *row, *room;
	const char *text;
	size_t i, k;

	if (json_array_size(ids) == 0)
		return OK;
	TRY(req_dump(r, ids, &text));
	TRY(sql_directs_partners(r, user, text, &rows));
	json_array_foreach (rows, i, row) {
		json_array_foreach (rooms, k, room) {
			if (row_id(room, "id") == row_id(row, "room"))
				add_partner(room, row);
		}
	}
	return OK;
}

enum err
directs_describe(struct req *r, json_t *rooms)
{
	return describe_for(r, r->user, rooms);
}

/* ---- opening ---- */

static enum err
find(struct req *r, uint64_t other, json_t **out)
{
	bool first = r->user < other;

	return sql_direct_get(r, r->user, first ? r->user : other, first ? other : r->user, out);
}

static enum err
reply(struct req *r, int status, uint64_t room)
{
	json_t *row;
	enum err e = rooms_require(r, room, &row);

	if (e == ERR_NOT_FOUND || e == ERR_NOT_MEMBER)
		return ERR_RETRY; /* left meanwhile: look again */
	TRY(e);
	return rooms_reply(r, status, row);
}

/* Tells somebody that the room is theirs: the partner depends on who hears it. */
static enum err
tell(struct req *r, uint64_t user, uint64_t room)
{
	json_t *row, *data, *rooms = req_own(r, json_array());

	TRY(sql_room_get(r, user, room, &row));
	data = rooms_public(row);
	(void)json_array_append_new(rooms, data);
	TRY(describe_for(r, user, rooms));
	return stream_append(r, WIRE_USER, user, EV_ROOM_ADDED, data);
}

/* Whether the asker may write to somebody for the first time. Why not is told to nobody but who
 * blocks the other: the rest looks alike. */
static enum err
check_reach(struct req *r, uint64_t other)
{
	const char *direct;
	json_t *pair;

	TRY(pairs_get(r, other, &pair));
	TRY(pairs_check_block(r, pair));
	direct = row_text(pair, "direct");
	if (strcmp(row_text(pair, "state"), "active") != 0 ||
	    json_is_true(json_object_get(pair, "blocked")) || strcmp(direct, "nobody") == 0)
		return ERR_UNREACHABLE;
	if (strcmp(direct, "friends") == 0 && strcmp(row_text(pair, "mine"), "friend") != 0)
		return ERR_UNREACHABLE;
	return OK;
}

/* Whoever writes to one stranger after the other is no friend of anybody. Rooms are counted that
 * were made, so it is part of the transaction. */
static enum err
count_room(struct req *r)
{
	const char *name = arena_printf(&r->mem, "direct:%" PRIu64, r->user);

	return throttle_take(r, name, ROOMS_MAX, ROOMS_WINDOW);
}

/* Makes the room: 201. Its stream comes after those of people here, but nobody else can want it
 * before this is committed. */
static enum err
create(struct req *r, uint64_t other)
{
	uint64_t low = r->user < other ? r->user : other, high = low == other ? r->user : other;
	uint64_t room;
	enum err e;

	if ((e = pairs_freeze(r, other)) != OK)
		return e == ERR_NOT_FOUND ? ERR_UNREACHABLE : e;
	TRY(pairs_hold(r, other));
	TRY(check_reach(r, other));
	TRY(count_room(r));
	TRY(sql_direct_room_insert(r, NULL));
	room = db_insert_id(r->db);
	if ((e = sql_direct_insert(r, low, high, room, NULL)) != OK)
		return e == ERR_CONFLICT ? ERR_RETRY : e; /* the other was first: look again */
	TRY(sql_direct_stream_insert(r, room, NULL));
	TRY(sql_member_insert(r, room, low, 0, NULL));
	TRY(sql_member_insert(r, room, high, 0, NULL));
	TRY(tell(r, low, room));
	TRY(tell(r, high, room));
	return reply(r, 201, room);
}

/* Goes back into the room, where the other still is: 200. */
static enum err
come_back(struct req *r, uint64_t other, uint64_t room)
{
	json_t *now, *pair, *member;
	struct stream_pos at;
	enum err e;

	TRY(pairs_freeze(r, other));
	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(pairs_hold(r, other));
	e = find(r, other, &now);
	if (e == ERR_NOT_FOUND || (e == OK && (row_id(now, "room") != room ||
						  json_is_true(json_object_get(now, "joined")))))
		return ERR_RETRY; /* erased or entered meanwhile: look again */
	TRY(e);
	TRY(pairs_get(r, other, &pair));
	TRY(pairs_check_block(r, pair));
	TRY(sql_member_insert(r, room, r->user, at.seq - 1, NULL));
	TRY(sql_room_count(r, room, 1, NULL));
	TRY(sql_member_get(r, room, r->user, &member));
	TRY(stream_store(r, &at, EV_MEMBER_JOINED, req_own(r, json_copy(member))));
	TRY(tell(r, r->user, room));
	return reply(r, 200, room);
}

/* The room with somebody: 201 if it is made now, 200 if it is there. */
enum err
directs_open(struct req *r)
{
	static const struct field none[] = {END_FIELD};
	uint64_t other = req_id(r, "user");
	json_t *direct;
	enum err e;

	TRY(req_read(r, none, NULL));
	if (other == r->user)
		return req_invalid(r, "user", "must be somebody else");
	e = find(r, other, &direct);
	if (e == ERR_NOT_FOUND)
		return create(r, other);
	TRY(e);
	if (!json_is_true(json_object_get(direct, "joined")))
		return come_back(r, other, row_id(direct, "room"));
	return reply(r, 200, row_id(direct, "room"));
}

/* ---- leaving ---- */

enum err
directs_close(struct req *r, const json_t *row)
{
	if (!rooms_is_direct(row) || row_id(row, "member_count") > 1)
		return OK;
	TRY(sql_direct_delete(r, row_id(row, "id"), NULL));
	return rooms_erase(r, row_id(row, "id"));
}

/* The room with somebody that the asker is in, or 0. */
static enum err
joined_room(struct req *r, uint64_t other, uint64_t *room)
{
	json_t *direct;
	enum err e = find(r, other, &direct);

	*room = 0;
	if (e == OK && json_is_true(json_object_get(direct, "joined")))
		*room = row_id(direct, "room");
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err
directs_part(struct req *r, uint64_t other)
{
	struct stream_pos at;
	uint64_t room, now;
	json_t *row;

	TRY(joined_room(r, other, &room));
	if (room != 0)
		TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(pairs_hold(r, other));
	TRY(joined_room(r, other, &now));
	if (now != room)
		return ERR_RETRY; /* entered or left meanwhile */
	if (room == 0)
		return OK;
	TRY(rooms_require(r, room, &row));
	return members_remove(r, &at, row, r->user, EV_MEMBER_LEFT, NULL);
}
