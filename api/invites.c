/* SPDX-License-Identifier: MIT */
/* /v1/invites and /v1/rooms/:room/invites: links that let in whoever has one, past the password and
 * also where a room is hidden or a group.
 *
 * The code is the secret, 128 random bits, so no event tells of an invite: the log is read by all
 * members. It dies with the room, and when whoever made it leaves the room or is removed
 * (members.c). Making, using and deleting hold the room's stream: what is counted is exact.
 */
#include "admission.h"
#include "db.h"
#include "members.h"
#include "rooms.h"
#include "route.h"
#include "shared/crypt.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define CODE_BYTES   16
#define CODE_LENGTH  22
#define CODE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define INVITES_MAX  100 /* alive, per room */
#define EXPIRES_MIN  60
#define EXPIRES_MAX  31536000 /* seconds of a year */
#define USES_MAX     100000

struct invite_in {
	int64_t expires_in;
	int64_t uses;
};

static const struct field invite_fields[] = {
    INT_FIELD(struct invite_in, expires_in, EXPIRES_MIN, EXPIRES_MAX, 0),
    INT_FIELD(struct invite_in, uses, 1, USES_MAX, 0),
    END_FIELD,
};

/* Holds the room's stream; what happens takes no seq, as it is told to nobody. */
static enum err
hold(struct req *r, json_t **row)
{
	TRY(stream_hold(r, WIRE_ROOM, req_id(r, "room")));
	return rooms_find(r, req_id(r, "room"), row);
}

static bool
is_admin(const json_t *row)
{
	return json_is_true(json_object_get(row, "admin"));
}

/* Who may open the room to others: where anybody can come in or all are equal its members, where
 * there is a password those who may say who gets it. */
static enum err
check_may_invite(struct req *r, const json_t *row)
{
	const char *kind = row_text(row, "kind");

	if (rooms_is_direct(row))
		return req_fail(r, ERR_FORBIDDEN, "a direct room is for two");
	if (strcmp(kind, "secret") == 0)
		return rooms_require_rank(r, row, RANK_MODERATOR);
	return row_id(row, "rank") >= RANK_MEMBER || is_admin(row) ? OK : ERR_NOT_MEMBER;
}

/* Makes an invite, without an end and for any number where nothing is given: 201. */
enum err
invites_create(struct req *r)
{
	uint64_t room = req_id(r, "room");
	unsigned char bytes[CODE_BYTES];
	char code[CRYPT_B64_SIZE(CODE_BYTES)];
	struct invite_in in;
	json_t *row, *invite;

	TRY(req_read(r, invite_fields, &in));
	TRY(hold(r, &row));
	TRY(check_may_invite(r, row));
	TRY(sql_invites_sweep(r, room, NULL));
	TRY(sql_invite_count(r, room, &row));
	if (row_id(row, "n") >= INVITES_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d invites to a room", INVITES_MAX);
	crypt_random(bytes, sizeof(bytes));
	crypt_b64(bytes, sizeof(bytes), code);
	TRY(sql_invite_insert(r, code, room, r->user, in.uses == FIELD_ABSENT ? 0 : in.uses,
	    in.expires_in == FIELD_ABSENT ? 0 : in.expires_in, NULL));
	TRY(sql_invite_get(r, code, &invite));
	return req_reply(r, 201, json_incref(invite));
}

/* The living invites, the eldest first: all for moderators, for others their own. There are never
 * more than fit on a page. */
enum err
invites_list(struct req *r)
{
	uint64_t room = req_id(r, "room");
	json_t *row, *rows;
	bool all;

	TRY(rooms_find(r, room, &row));
	all = row_id(row, "rank") >= RANK_MODERATOR || is_admin(row);
	if (!all && row_id(row, "rank") < RANK_MEMBER)
		return ERR_NOT_MEMBER;
	TRY(sql_invites_list(r, room, all ? 0 : r->user, &rows));
	return req_reply(r, 200, json_pack("{s:O, s:n}", "invites", rows, "next"));
}

/* The invite of the code in the path, alive or not. */
static enum err
find(struct req *r, json_t **invite)
{
	const char *code = req_text(r, "code");

	/* The column knows only these letters: with others the question itself would fail. */
	if (strlen(code) != CODE_LENGTH || code[strspn(code, CODE_LETTERS)] != '\0')
		return ERR_NOT_FOUND;
	return sql_invite_get(r, code, invite);
}

/* Ends an invite; whoever made it, moderators and the host: 204. */
enum err
invites_delete(struct req *r)
{
	json_t *row, *invite;

	TRY(hold(r, &row));
	TRY(find(r, &invite));
	if (row_id(invite, "room") != req_id(r, "room"))
		return ERR_NOT_FOUND;
	if (row_id(invite, "by_user") != r->user)
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	TRY(sql_invite_delete(r, req_text(r, "code"), NULL));
	return req_reply(r, 204, NULL);
}

/* Codes can't be guessed; that nobody even tries for long is one more wall. Right ones count, too,
 * or else an own invite would open it. */
static enum err
count_attempt(struct req *r)
{
	return throttle_take(r, arena_printf(&r->mem, "invite:%" PRIu64, r->user),
	    5 * r->conf->login_attempts, r->conf->login_window);
}

/* {id, title, ..., by_id, by_nickname ...} as {room: {...}, by: {...}}; a new reference. */
static json_t *
card(const json_t *row)
{
	json_t *room = json_object(), *by = json_object(), *value;
	const char *name;

	json_object_foreach ((json_t *)(uintptr_t)row, name, value) {
		if (strncmp(name, "by_", 3) == 0)
			(void)json_object_set(by, name + 3, value);
		else
			(void)json_object_set(room, name, value);
	}
	return json_pack("{s:o, s:o}", "room", room, "by", by);
}

/* What the invite is to, for anybody who has its code. */
enum err
invites_get(struct req *r)
{
	json_t *row;

	TRY(count_attempt(r));
	TRY(find(r, &row));
	TRY(sql_invite_card(r, req_text(r, "code"), &row));
	return req_reply(r, 200, card(row));
}

/* Joins: 201 with the membership; 200 for who is a member already, which uses up nothing. */
enum err
invites_use(struct req *r)
{
	struct stream_pos at;
	json_t *invite, *row;
	uint64_t used = 1;
	int status;

	TRY(count_attempt(r));
	TRY(find(r, &invite));
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, row_id(invite, "room"), &at));
	TRY(sql_room_get(r, r->user, at.id, &row));
	if (!json_is_true(json_object_get(row, "joined")))
		TRY(sql_invite_use(r, req_text(r, "code"), &used));
	if (used == 0)
		return ERR_NOT_FOUND;
	TRY(admission_grant(r, &at, row, r->user, &status));
	return members_reply(r, status, at.id, r->user);
}
