/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/bans: who may not come into a room. Its host and moderators keep the list and
 * alone see it; the members are told by the event.
 *
 * A ban and a join both hold the room's stream, so whoever is banned is out and stays out. A ban
 * that has run out counts for nothing; its row goes when somebody next touches the list.
 */
#include "bans.h"

#include "audit.h"
#include "db.h"
#include "members.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define SECONDS_MAX 315360000 /* ten years; more is for good */

struct ban_in {
	const char *reason;
	int64_t seconds;
};

static const struct field ban_fields[] = {
    TEXT_FIELD(struct ban_in, reason, 0, 200, FIELD_LINE),
    INT_FIELD(struct ban_in, seconds, 1, SECONDS_MAX, 0),
    END_FIELD,
};

enum err
bans_check(struct req *r, uint64_t room, uint64_t user)
{
	json_t *ban;
	enum err e = sql_ban_alive(r, room, user, &ban);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (json_object_get(ban, "until") == NULL)
		return ERR_BANNED;
	return req_fail(r, ERR_BANNED, "until %s", row_text(ban, "until"));
}

/* Holds the room's stream for who keeps the list, and forgets what has run out. */
static enum err
hold(struct req *r, struct stream_pos *at, json_t **row)
{
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	TRY(rooms_find(r, at->id, row));
	TRY(rooms_require_rank(r, *row, RANK_MODERATOR));
	return sql_bans_sweep(r, at->id, NULL);
}

/* For a row that may be missing: NULL then. */
static enum err
or_null(enum err e, json_t **row)
{
	if (e != ERR_NOT_FOUND)
		return e;
	*row = NULL;
	return OK;
}

/* Whether a ban for good is asked for again. One with an end would end later. */
static bool
is_same(const json_t *ban, const struct ban_in *in)
{
	return in->seconds == FIELD_ABSENT && json_object_get(ban, "until") == NULL &&
	       strcmp(row_text(ban, "reason"), in->reason) == 0;
}

/* Stores the ban; what clients see of it. */
static enum err
store(struct req *r, uint64_t room, uint64_t user, const struct ban_in *in, json_t **ban)
{
	TRY(sql_ban_store(r, room, user, r->user, in->reason,
	    in->seconds == FIELD_ABSENT ? 0 : in->seconds, NULL));
	return sql_ban_get(r, room, user, ban);
}

/* Bans somebody, for `seconds` or for good, whether they are in the room (then they are removed, if
 * the asker stands above them) or not: 201 with the ban, 200 if there was one. What is not given is
 * empty. */
enum err
bans_set(struct req *r)
{
	uint64_t user = req_id(r, "user");
	json_t *row, *member, *before, *ban, *told;
	struct stream_pos at;
	struct ban_in in;

	TRY(req_read(r, ban_fields, &in));
	in.reason = in.reason == NULL ? "" : in.reason;
	TRY(hold(r, &at, &row));
	if (user == r->user)
		return req_fail(r, ERR_FORBIDDEN, "nobody can ban themselves");
	TRY(sql_user_get(r, user, &ban)); /* there has to be such a user */
	TRY(or_null(sql_member_get(r, at.id, user, &member), &member));
	if (member != NULL)
		TRY(members_require_above(r, row, member));
	TRY(or_null(sql_ban_get(r, at.id, user, &before), &before));
	if (member == NULL && before != NULL && is_same(before, &in)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(before));
	}
	TRY(store(r, at.id, user, &in, &ban));
	TRY(audit_note(r, "member.banned", at.id, user,
	    json_pack("{s:O*}", "until", json_object_get(ban, "until"))));
	told = req_own(r, json_copy(ban));
	if (member != NULL)
		TRY(members_remove(r, &at, row, user, EV_MEMBER_BANNED, told));
	else
		TRY(stream_store(r, &at, EV_MEMBER_BANNED, told));
	return req_reply(r, before == NULL ? 201 : 200, json_incref(ban));
}

/* The bans in the order of the users' ids; moderators and the host. */
enum err
bans_list(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(rooms_find(r, room, &row));
	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	TRY(sql_bans_list(r, room, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "bans", rows, &page, "id");
}

/* Lifts a ban; moderators and the host: 204. */
enum err
bans_lift(struct req *r)
{
	uint64_t user = req_id(r, "user");
	struct stream_pos at;
	json_t *row, *ban;

	TRY(hold(r, &at, &row));
	TRY(sql_ban_get(r, at.id, user, &ban));
	TRY(sql_ban_delete(r, at.id, user, NULL));
	TRY(audit_note(r, "member.unbanned", at.id, user, NULL));
	TRY(stream_store(r, &at, EV_MEMBER_UNBANNED, req_own(r, json_copy(ban))));
	return req_reply(r, 204, NULL);
}
