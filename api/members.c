/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/members: who is in a room, joining and leaving, and who is what there.
 *
 * The host stands above the moderators, they above the members; whoever stands above somebody may
 * mute, kick and ban them. Admins stand above all, also where they are no members.
 *
 * Whoever joins or leaves holds the room's stream from the first statement on, so the number of
 * members and the limit are exact however many do it at once.
 */
#include "members.h"

#include "admission.h"
#include "audit.h"
#include "db.h"
#include "desks.h"
#include "directs.h"
#include "incall.h"
#include "page.h"
#include "password.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define MUTE_MAX 31536000 /* seconds of a year */

struct join_in {
	const char *password;
};

static const struct field join_fields[] = {
    TEXT_FIELD(struct join_in, password, 0, CRYPT_PASSWORD_MAX, FIELD_BYTES),
    END_FIELD,
};

struct add_in {
	int64_t user;
};

static const struct field add_fields[] = {
    INT_FIELD(struct add_in, user, 1, INT64_MAX, FIELD_REQUIRED),
    END_FIELD,
};

struct change_in {
	const char *role;
	int64_t muted_seconds;
};

static const struct field change_fields[] = {
    WORD_FIELD(struct change_in, role, "member|moderator", 0),
    INT_FIELD(struct change_in, muted_seconds, 0, MUTE_MAX, 0),
    END_FIELD,
};

/* The members in the order of their ids. */
enum err
members_list(struct req *r)
{
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(sql_members_list(r, req_id(r, "room"), page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "members", rows, &page, "id");
}

/* Checks the password of a room that the asker knows of; limited per person and room. */
static enum err
check_password(struct req *r, const json_t *row, const char *password)
{
	const char *name =
	    arena_printf(&r->mem, "room:%" PRIu64 ":%" PRIu64, row_id(row, "id"), r->user);
	enum err e;

	if (!json_is_true(json_object_get(row, "locked")))
		return OK;
	if (password == NULL)
		return req_fail(r, ERR_BAD_ROOM_PASSWORD, "this room needs its password");
	TRY(throttle_take(r, name, r->conf->login_attempts, r->conf->login_window));
	if ((e = password_verify(r, row_text(row, "password"), password)) != OK)
		return e == ERR_BAD_LOGIN ? ERR_BAD_ROOM_PASSWORD : e;
	return throttle_clear(r, name);
}

/* What opens a hidden room: its password; NULL for every other room, and for none. */
static const char *
hidden_password(const json_t *row)
{
	return json_is_true(json_object_get(row, "hidden")) &&
		       json_is_true(json_object_get(row, "locked"))
		   ? row_text(row, "password")
		   : NULL;
}

/* Tries a password at a door that the asker may not know of. A hidden room opens to the right one;
 * all else looks and takes as long as a room that does not exist. Without a password nothing is
 * looked at. Attempts are limited per person, not per room, or else each of a thousand numbers
 * could be tried ten times; one that was right is given back, the wrong ones before it are not:
 * anybody has a hidden room of their own to be right about. */
static enum err
knock(struct req *r, uint64_t room, const char *password, json_t **row)
{
	const char *name = arena_printf(&r->mem, "knock:%" PRIu64, r->user), *stored = NULL;
	enum err e;

	if (password == NULL)
		return ERR_NOT_FOUND;
	TRY(throttle_take(r, name, r->conf->login_attempts, r->conf->login_window));
	e = sql_room_get(r, r->user, room, row);
	if (e == OK)
		stored = hidden_password(*row);
	else if (e != ERR_NOT_FOUND)
		return e;
	if ((e = password_verify(r, stored, password)) != OK)
		return e == ERR_BAD_LOGIN ? ERR_NOT_FOUND : e;
	return sql_throttle_forgive(r, name, NULL);
}

/* The room as it is before anything is locked, if what it asks of newcomers is fulfilled. */
static enum err
open_door(struct req *r, uint64_t room, const char *password, json_t **row)
{
	enum err e = rooms_find(r, room, row);

	if (e == ERR_NOT_FOUND && !r->guest)
		return knock(r, room, password, row);
	TRY(e);
	return json_is_true(json_object_get(*row, "joined")) ? OK
							     : check_password(r, *row, password);
}

/* The same room under the lock. Who knew its password may know of it. */
static enum err
find_again(struct req *r, uint64_t room, json_t **row)
{
	const char *checked = row_text(*row, "password");

	TRY(checked[0] == '\0' ? rooms_find(r, room, row) : sql_room_get(r, r->user, room, row));
	/* Changed meanwhile: ask again. */
	return strcmp(checked, row_text(*row, "password")) == 0 ? OK : ERR_RETRY;
}

enum err
members_announce(struct req *r, uint64_t user)
{
	json_t *rows, *row, *member;
	struct stream_pos at;
	size_t i;

	TRY(sql_member_rooms(r, user, &rows));
	json_array_foreach (rows, i, row) {
		enum err e;

		TRY(stream_next(r, WIRE_ROOM, row_id(row, "room"), &at));
		if ((e = sql_member_get(r, at.id, user, &member)) == ERR_NOT_FOUND)
			return ERR_RETRY; /* removed meanwhile: that seq must not be used */
		TRY(e);
		TRY(stream_store(r, &at, EV_MEMBER_UPDATED, req_own(r, json_copy(member))));
	}
	return OK;
}

enum err
members_reply(struct req *r, int status, uint64_t room, uint64_t user)
{
	json_t *member;
	enum err e = sql_member_get(r, room, user, &member);

	if (e == ERR_NOT_FOUND)
		return ERR_RETRY; /* left meanwhile: look again */
	TRY(e);
	return req_reply(r, status, json_incref(member));
}

/* Joins: 201 with the membership, 200 if there was one. */
enum err
members_join(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct stream_pos at;
	struct join_in in;
	json_t *row;
	int status;

	TRY(req_read(r, join_fields, &in));
	TRY(open_door(r, room, in.password, &row)); /* slow, so before anything is locked */
	if (json_is_true(json_object_get(row, "joined")))
		return members_reply(r, 200, room, r->user);
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(find_again(r, room, &row));
	TRY(admission_grant(r, &at, row, r->user, &status));
	return members_reply(r, status, room, r->user);
}

/* Puts a friend into the room, without a password: in groups any member may, elsewhere moderators:
 * 201 with the membership, 200 if there was one. */
enum err
members_create(struct req *r)
{
	struct stream_pos at;
	struct add_in in;
	json_t *row, *member;
	int status;
	enum err e;

	TRY(req_read(r, add_fields, &in));
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	if (strcmp(row_text(row, "kind"), "group") != 0)
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	e = sql_member_get(r, at.id, (uint64_t)in.user, &member);
	if (e == ERR_NOT_FOUND) /* whoever is in the room is no secret to the asker */
		e = admission_require_friends(r, req_own(r, json_pack("[I]", (json_int_t)in.user)));
	TRY(e);
	e = admission_grant(r, &at, row, (uint64_t)in.user, &status);
	if (e == ERR_BANNED)
		return req_fail(r, ERR_CONFLICT, "this person is banned from the room");
	TRY(e);
	return members_reply(r, status, at.id, (uint64_t)in.user);
}

const char *
members_mute_name(struct req *r, uint64_t room, uint64_t user)
{
	return arena_printf(&r->mem, "mute:%" PRIu64 ":%" PRIu64, room, user);
}

/* Mutes for some seconds, or no longer (0), also beyond the membership. */
static enum err
mute(struct req *r, uint64_t room, uint64_t user, int64_t seconds)
{
	TRY(throttle_clear(r, members_mute_name(r, room, user)));
	return sql_member_update(r, room, user, NULL, seconds, NULL);
}

/* A host who leaves hands the room to the moderator who is in it longest, else to such a member,
 * who may speak again: nobody in the room could allow it. A group room that nobody is in any more
 * is gone, any other waits for the next who joins. */
static enum err
hand_over(struct req *r, uint64_t room, const json_t *row)
{
	json_t *heir;
	enum err e = sql_member_heir(r, room, &heir);

	if (e == OK) {
		TRY(mute(r, room, row_id(heir, "user"), 0));
		return sql_room_set_host(r, room, row_id(heir, "user"), NULL);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	if (strcmp(row_text(row, "kind"), "group") != 0)
		return sql_room_set_host(r, room, 0, NULL);
	return rooms_erase(r, room);
}

/* Tells a room whose stream is held that it has another host, if there is one. */
static enum err
tell_host(struct req *r, uint64_t room, const json_t *row)
{
	json_t *member;

	TRY(stream_append(r, WIRE_ROOM, room, EV_ROOM_UPDATED, req_own(r, rooms_public(row))));
	if (row_id(row, "host") == 0)
		return OK;
	TRY(sql_member_get(r, room, row_id(row, "host"), &member));
	return stream_append(r, WIRE_ROOM, room, EV_MEMBER_UPDATED, req_own(r, json_copy(member)));
}

/* A bot is where its owner is, or else its owner would read on through it. */
static enum err
remove_bots(struct req *r, uint64_t room, uint64_t owner)
{
	json_t *rows, *row, *gone = req_own(r, json_pack("{s:I}", "id", (json_int_t)room));
	size_t i;

	TRY(sql_member_bots(r, room, owner, &rows));
	json_array_foreach (rows, i, row) {
		TRY(sql_member_delete(r, room, row_id(row, "id"), NULL));
		TRY(sql_room_count(r, room, -1, NULL));
		TRY(stream_append(r, WIRE_ROOM, room, EV_MEMBER_LEFT, req_own(r, json_copy(row))));
		TRY(stream_append(
		    r, WIRE_USER, row_id(row, "id"), EV_ROOM_REMOVED, req_own(r, json_copy(gone))));
	}
	return OK;
}

enum err
members_remove(struct req *r, const struct stream_pos *at, json_t *row, uint64_t user,
    enum event ev, json_t *data)
{
	bool was_host = row_id(row, "host") == user;
	json_t *member, *gone = json_pack("{s:I}", "id", (json_int_t)at->id);
	enum err e;

	(void)req_own(r, gone);
	TRY(sql_member_get(r, at->id, user, &member));
	TRY(sql_member_keep_mute(r, at->id, user, members_mute_name(r, at->id, user), NULL));
	TRY(sql_member_delete(r, at->id, user, NULL));
	TRY(sql_invites_forget(r, at->id, user, NULL));
	TRY(sql_webhooks_leave(r, at->id, user, NULL));
	TRY(sql_notifications_leave(r, user, at->id, NULL));
	TRY(sql_room_count(r, at->id, -1, NULL));
	if (was_host)
		TRY(hand_over(r, at->id, row));
	TRY(directs_close(r, row));
	TRY(desks_close(r, at->id, user));
	TRY(stream_store(r, at, ev, data != NULL ? data : req_own(r, json_copy(member))));
	TRY(incall_close(r, at->id, user));
	TRY(stream_append(r, WIRE_USER, user, EV_ROOM_REMOVED, gone));
	TRY(remove_bots(r, at->id, user));
	e = was_host ? sql_room_get(r, user, at->id, &row) : ERR_NOT_FOUND;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(tell_host(r, at->id, row));
	return rooms_announce(r, EV_ROOM_UPDATED, row);
}

/* Leaves: 204. */
enum err
members_leave(struct req *r)
{
	struct stream_pos at;
	json_t *row;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_require(r, at.id, &row));
	TRY(members_remove(r, &at, row, r->user, EV_MEMBER_LEFT, NULL));
	return req_reply(r, 204, NULL);
}

/* Removes somebody of a lower rank: 204. */
enum err
members_kick(struct req *r)
{
	struct stream_pos at;
	json_t *row, *member;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	if (req_id(r, "user") == r->user)
		return req_fail(r, ERR_FORBIDDEN, "leave instead: DELETE .../members/me");
	TRY(sql_member_get(r, at.id, req_id(r, "user"), &member));
	TRY(members_require_above(r, row, member));
	TRY(members_remove(r, &at, row, req_id(r, "user"), EV_MEMBER_KICKED, NULL));
	TRY(audit_note(r, "member.kicked", at.id, req_id(r, "user"), NULL));
	return req_reply(r, 204, NULL);
}

/* ---- ranks ---- */

static enum rank
rank_of(const json_t *member)
{
	const char *role = row_text(member, "role");

	if (strcmp(role, "host") == 0)
		return RANK_HOST;
	return strcmp(role, "moderator") == 0 ? RANK_MODERATOR : RANK_MEMBER;
}

enum err
members_require_above(struct req *r, const json_t *row, const json_t *member)
{
	enum rank rank = rank_of(member);

	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	if (row_id(row, "rank") > rank || json_is_true(json_object_get(row, "admin")))
		return OK;
	return req_fail(r, ERR_FORBIDDEN,
	    rank == RANK_HOST ? "nobody may do this to the host"
			      : "only the host may do this to a moderator");
}

enum err
members_require_voice(struct req *r, uint64_t room)
{
	json_t *mute;
	enum err e = sql_member_mute(r, room, r->user, &mute);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	return req_fail(r, ERR_MUTED, "until %s", row_text(mute, "muted_until"));
}

/* Roles are the host's to give, and the host has none but that one. */
static enum err
check_change(struct req *r, const json_t *row, const json_t *member, const struct change_in *in)
{
	TRY(members_require_above(r, row, member));
	if (in->role == NULL)
		return OK;
	if (strcmp(in->role, "moderator") == 0 && json_is_true(json_object_get(member, "guest")))
		return req_invalid(r, "role", "is not for guests");
	if (rank_of(member) == RANK_HOST)
		return req_fail(r, ERR_FORBIDDEN, "another one has to become the host first");
	return rooms_require_rank(r, row, RANK_HOST);
}

/* What the member is now, for the audit log. */
static enum err
note_change(struct req *r, uint64_t room, const json_t *member)
{
	return audit_note(r, "member.updated", room, row_id(member, "id"),
	    json_pack("{s:O, s:O*}", "role", json_object_get(member, "role"), "muted_until",
		json_object_get(member, "muted_until")));
}

/* Changes a member's role, or mutes them for `muted_seconds` (0: no longer): 200 with the member.
 */
enum err
members_update(struct req *r)
{
	uint64_t user = req_id(r, "user");
	json_t *row, *before, *member;
	struct change_in in;
	struct stream_pos at;

	TRY(req_read(r, change_fields, &in));
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	TRY(sql_member_get(r, at.id, user, &before));
	TRY(check_change(r, row, before, &in));
	TRY(sql_member_update(r, at.id, user, in.role, -1, NULL));
	if (in.muted_seconds != FIELD_ABSENT)
		TRY(mute(r, at.id, user, in.muted_seconds));
	TRY(sql_member_get(r, at.id, user, &member));
	if (strcmp(row_text(row, "kind"), "secret") == 0 && rank_of(member) < RANK_MODERATOR)
		TRY(sql_invites_forget(r, at.id, user, NULL)); /* only moderators invite there */
	if (json_equal(before, member)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(member));
	}
	TRY(stream_store(r, &at, EV_MEMBER_UPDATED, req_own(r, json_copy(member))));
	TRY(note_change(r, at.id, member));
	return req_reply(r, 200, json_incref(member));
}
