/* SPDX-License-Identifier: MIT */
/* /v1/rooms: rooms; the lists of them are in roomlists.c.
 *
 * public rooms are listed and anybody may join; secret ones are listed and need their password;
 * group rooms are seen by their members only.
 */
#include "rooms.h"

#include "admission.h"
#include "audit.h"
#include "db.h"
#include "directs.h"
#include "gram.h"
#include "incall.h"
#include "password.h"
#include "roomform.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define CAPACITY_DEFAULT 1000

json_t *
rooms_public(const json_t *row)
{
	static const char *const shown[] = {"id", "kind", "title", "description", "locked",
	    "hidden", "host", "category", "tags", "cover", "history", "slow_seconds", "retention",
	    "ends_on", "guests", "member_count", "max_members", "likes", "created_at"};
	json_t *room = json_object();

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		(void)json_object_set(room, shown[i], json_object_get(row, shown[i]));
	return room;
}

bool
rooms_is_direct(const json_t *row)
{
	return strcmp(row_text(row, "kind"), "direct") == 0;
}

/* Whether the asker has every rank in the room, member or not. */
static bool
is_admin(const json_t *row)
{
	return json_is_true(json_object_get(row, "admin")) && !rooms_is_direct(row);
}

bool
rooms_is_listed(const json_t *row)
{
	return row_id(row, "listed") != 0;
}

static bool
lets_guests_in(const json_t *row)
{
	return rooms_is_listed(row) && json_is_true(json_object_get(row, "guests"));
}

enum err
rooms_find(struct req *r, uint64_t room, json_t **out)
{
	TRY(sql_room_get(r, r->user, room, out));
	if (json_is_true(json_object_get(*out, "joined")))
		return OK;
	if (r->guest)
		return lets_guests_in(*out) ? OK : ERR_NOT_FOUND;
	return rooms_is_listed(*out) || is_admin(*out) ? OK : ERR_NOT_FOUND;
}

enum err
rooms_require(struct req *r, uint64_t room, json_t **out)
{
	TRY(rooms_find(r, room, out));
	return json_is_true(json_object_get(*out, "joined")) ? OK : ERR_NOT_MEMBER;
}

enum err
rooms_require_rank(struct req *r, const json_t *row, enum rank rank)
{
	if (row_id(row, "rank") >= rank || is_admin(row))
		return OK;
	return req_fail(r, ERR_FORBIDDEN, "only the room's host%s may do this",
	    rank == RANK_MODERATOR ? " and moderators" : "");
}

enum err
rooms_require_reader(const json_t *row)
{
	return rooms_is_direct(row) && row_id(row, "member_count") < 2 ? ERR_NOT_SENDABLE : OK;
}

json_t *
rooms_shown(const json_t *row)
{
	json_t *room = rooms_public(row);

	(void)json_object_set(room, "joined", json_object_get(row, "joined"));
	(void)json_object_set(room, "liked", json_object_get(row, "liked"));
	return room;
}

/* A password exactly where there is something to lock. */
static enum err
hash_password(struct req *r, bool secret, bool required, const char *password, const char **out)
{
	char stored[CRYPT_STORED_SIZE];

	*out = NULL;
	if (password == NULL && !(secret && required))
		return OK;
	if (password == NULL)
		return req_invalid(r, "password", "is required for a secret room");
	if (!secret)
		return req_invalid(r, "password", "is for secret rooms only");
	TRY(password_hash(r, password, stored));
	*out = arena_strdup(&r->mem, stored);
	return OK;
}

/* Stores a new room, its stream and its first member. */
static enum err
insert(struct req *r, const struct roomform *f, const char *password, uint64_t *id)
{
	TRY(sql_room_insert(r, f->kind, f->title, f->description == NULL ? "" : f->description,
	    password, r->user, CAPACITY_DEFAULT, NULL));
	*id = db_insert_id(r->db);
	TRY(stream_create(r, WIRE_ROOM, *id));
	TRY(roomform_store(r, *id, f, NULL));
	return sql_member_insert(r, *id, r->user, 0, NULL);
}

/* The number of listed rooms goes up or down with this one, of which the lobby was just told:
 * whoever counts holds its stream. */
static enum err
count_in(struct req *r, const json_t *row)
{
	if (!rooms_is_listed(row))
		return OK;
	return sql_room_count_up(r, row_id(row, "category"), row_text(row, "kind"), NULL);
}

static enum err
count_out(struct req *r, const json_t *row)
{
	if (!rooms_is_listed(row))
		return OK;
	return sql_room_count_down(r, row_id(row, "category"), row_text(row, "kind"), NULL);
}

/* One account shall not fill the list of rooms. What is counted is what happened, so it is part of
 * the transaction. */
static enum err
count_room(struct req *r)
{
	return throttle_take(
	    r, arena_printf(&r->mem, "room-of:%" PRIu64, r->user), r->conf->room_attempts, 3600);
}

/* Creates a room whose host and first member is the asker, a group also with friends in it: 201. */
enum err
rooms_create(struct req *r)
{
	struct roomform f;
	const char *password;
	uint64_t id;
	json_t *row;

	TRY(roomform_read(r, &f));
	TRY(roomform_check(r, &f, f.kind));
	TRY(hash_password(r, strcmp(f.kind, "secret") == 0, true, f.password, &password));
	TRY(db_begin(r->db));
	TRY(count_room(r));
	TRY(insert(r, &f, password, &id));
	TRY(admission_found(r, id, f.members, &row));
	TRY(rooms_index(r, row));
	TRY(rooms_announce(r, EV_ROOM_CREATED, row));
	TRY(count_in(r, row));
	return req_reply(r, 201, rooms_shown(row));
}

enum err
rooms_reply(struct req *r, int status, const json_t *row)
{
	json_t *room = rooms_shown(row), *rooms = req_own(r, json_array());

	(void)json_array_append_new(rooms, room);
	TRY(directs_describe(r, rooms));
	return req_reply(r, status, json_incref(room));
}

enum err
rooms_get(struct req *r)
{
	json_t *row;

	TRY(rooms_find(r, req_id(r, "room"), &row));
	return rooms_reply(r, 200, row);
}

enum err
rooms_announce(struct req *r, enum event ev, const json_t *row)
{
	if (!rooms_is_listed(row))
		return OK;
	return stream_append(r, WIRE_LOBBY, 0, ev, req_own(r, rooms_public(row)));
}

/* For the lobby a room that is hidden is gone, and one that is shown again is new. */
static enum err
announce_change(struct req *r, const json_t *before, const json_t *now)
{
	if (rooms_is_listed(before) == rooms_is_listed(now))
		TRY(rooms_announce(r, EV_ROOM_UPDATED, now));
	else if (rooms_is_listed(now))
		TRY(rooms_announce(r, EV_ROOM_CREATED, now));
	else
		TRY(rooms_announce(r, EV_ROOM_DELETED, before));
	if (rooms_is_listed(before) == rooms_is_listed(now) &&
	    row_id(before, "category") == row_id(now, "category"))
		return OK;
	TRY(count_out(r, before));
	return count_in(r, now);
}

/* The room, if the asker may change it in this way. */
static enum err
require_change(struct req *r, const struct roomform *f, uint64_t room, json_t **row)
{
	TRY(rooms_find(r, room, row));
	return rooms_require_rank(r, *row, roomform_is_slow_mode(f) ? RANK_MODERATOR : RANK_HOST);
}

/* Changes the room; its host only, but slow mode is for moderators, too: 200 with the room. */
enum err
rooms_update(struct req *r)
{
	struct roomform f;

	TRY(roomform_read_change(r, &f));
	return rooms_change(r, req_id(r, "room"), &f);
}

enum err
rooms_change(struct req *r, uint64_t room, const struct roomform *f)
{
	struct stream_pos at;
	const char *kind, *password;
	json_t *before, *row;

	TRY(require_change(r, f, room, &row));
	if (roomform_is_empty(f))
		return req_reply(r, 200, rooms_shown(row));
	kind = row_text(row, "kind");
	TRY(roomform_check(r, f, kind));
	TRY(hash_password(r, strcmp(kind, "secret") == 0, false, f->password, &password));
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(require_change(r, f, room, &before)); /* now that nobody else can change it */
	TRY(roomform_store(r, room, f, password));
	TRY(sql_room_get(r, r->user, room, &row));
	if (f->title != NULL || rooms_is_listed(before) != rooms_is_listed(row))
		TRY(rooms_index(r, row));
	TRY(stream_store(r, &at, EV_ROOM_UPDATED, req_own(r, rooms_public(row))));
	TRY(announce_change(r, before, row));
	return req_reply(r, 200, rooms_shown(row));
}

enum err
rooms_erase(struct req *r, uint64_t room)
{
	TRY(incall_erase(r, room));
	TRY(sql_room_dismiss(r, room, NULL));
	TRY(sql_room_clear_tags(r, room, NULL)); /* these two lead to the room */
	TRY(sql_room_forget_pair(r, room, NULL));
	TRY(sql_import_forget(r, room, NULL));
	TRY(sql_purge_insert(r, room, NULL));
	TRY(gram_store(r, GRAM_ROOM, room, ""));
	return sql_room_delete(r, room, NULL);
}

/* Deletes the room with all that was said in it; its host only: 204. Nobody sees any of it from
 * here on; the feeder erases it. */
enum err
rooms_delete(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct stream_pos at;
	json_t *row;

	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(rooms_find(r, room, &row));
	TRY(rooms_require_rank(r, row, RANK_HOST));
	TRY(rooms_erase(r, room));
	TRY(audit_note(r, "room.deleted", room, row_id(row, "host"), NULL));
	TRY(stream_store(r, &at, EV_ROOM_DELETED, req_own(r, rooms_public(row))));
	TRY(rooms_announce(r, EV_ROOM_DELETED, row));
	TRY(count_out(r, row));
	return req_reply(r, 204, NULL);
}
