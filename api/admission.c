/* SPDX-License-Identifier: MIT */
/* See admission.h. */
#include "admission.h"

#include "bans.h"
#include "db.h"
#include "members.h"
#include "rooms.h"
#include "sql.h"

#define ALL_MAX 1000 /* more than are ever put into a new room at once */

/* The seq up to which a newcomer who joins with this event sees nothing. */
static uint64_t
seen_after(const struct stream_pos *at, const json_t *row)
{
	return strcmp(row_text(row, "history"), "joined") == 0 ? at->seq - 1 : 0;
}

/* Whether a newcomer becomes the host of a room that has none: a bot does not, nor a guest. */
static bool
becomes_host(const json_t *row, const json_t *member)
{
	return row_id(row, "host") == 0 && !json_is_true(json_object_get(member, "bot")) &&
	       !json_is_true(json_object_get(member, "guest"));
}

/* Stores the membership, and tells the room. */
static enum err
enter(struct req *r, const struct stream_pos *at, const json_t *row, uint64_t user)
{
	json_t *member;

	TRY(sql_member_insert(r, at->id, user, seen_after(at, row), NULL));
	TRY(sql_member_recall_mute(r, at->id, user, members_mute_name(r, at->id, user), NULL));
	TRY(sql_room_count(r, at->id, 1, NULL));
	TRY(sql_member_get(r, at->id, user, &member));
	if (becomes_host(row, member)) {
		TRY(sql_room_set_host(r, at->id, user, NULL));
		TRY(sql_member_get(r, at->id, user, &member));
	}
	return stream_store(r, at, EV_MEMBER_JOINED, req_own(r, json_copy(member)));
}

/* The same for one who comes alone: they are told, too, and of a new host everybody. */
static enum err
enter_alone(struct req *r, const struct stream_pos *at, json_t *row, uint64_t user)
{
	bool had_host = row_id(row, "host") != 0, is_host;
	json_t *room;

	TRY(enter(r, at, row, user));
	TRY(sql_room_get(r, user, at->id, &row));
	is_host = !had_host && row_id(row, "host") != 0;
	room = req_own(r, rooms_public(row));
	if (is_host)
		TRY(stream_append(
		    r, WIRE_ROOM, at->id, EV_ROOM_UPDATED, req_own(r, json_copy(room))));
	TRY(stream_append(r, WIRE_USER, user, EV_ROOM_ADDED, room));
	return is_host ? rooms_announce(r, EV_ROOM_UPDATED, row) : OK;
}

enum err
admission_grant(struct req *r, const struct stream_pos *at, json_t *row, uint64_t user, int *status)
{
	json_t *member;
	enum err e = sql_member_get(r, at->id, user, &member);

	*status = 200;
	if (e == OK)
		db_rollback(r->db); /* the seq was not needed */
	if (e != ERR_NOT_FOUND)
		return e;
	*status = 201;
	TRY(bans_check(r, at->id, user));
	if (row_id(row, "member_count") >= row_id(row, "max_members"))
		return ERR_ROOM_FULL;
	return enter_alone(r, at, row, user);
}

/* Those of these people who may be put into rooms by the asker, in the order of their ids: all, or
 * ERR_UNREACHABLE. */
static enum err
find_friends(struct req *r, const json_t *ids, json_t **out)
{
	const char *text;

	TRY(req_dump(r, ids, &text));
	TRY(sql_members_reachable(r, r->user, text, out));
	return json_array_size(*out) == json_array_size(ids) ? OK : ERR_UNREACHABLE;
}

enum err
admission_require_friends(struct req *r, const json_t *ids)
{
	json_t *friends = NULL;

	return find_friends(r, ids, &friends);
}

/* Puts friends of the asker into a room that nobody else knows of yet. */
static enum err
enter_friends(struct req *r, const json_t *row, const json_t *ids)
{
	json_t *friends = NULL, *friend;
	struct stream_pos at;
	size_t i;

	TRY(find_friends(r, ids, &friends));
	if (json_array_size(ids) >= row_id(row, "max_members"))
		return ERR_ROOM_FULL;
	json_array_foreach (friends, i, friend) {
		TRY(stream_next(r, WIRE_ROOM, row_id(row, "id"), &at));
		TRY(enter(r, &at, row, row_id(friend, "id")));
	}
	return OK;
}

enum err
admission_found(struct req *r, uint64_t room, const json_t *ids, json_t **row)
{
	json_t *members, *member;
	size_t i;

	TRY(sql_room_get(r, r->user, room, row));
	if (json_array_size(ids) > 0) {
		TRY(enter_friends(r, *row, ids));
		TRY(sql_room_get(r, r->user, room, row)); /* with all of them */
	}
	TRY(sql_members_list(r, room, 0, ALL_MAX, &members));
	json_array_foreach (members, i, member)
		TRY(stream_append(r, WIRE_USER, row_id(member, "id"), EV_ROOM_ADDED,
		    req_own(r, rooms_public(*row))));
	return OK;
}
