/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/host: whose room it is. */
#include "audit.h"
#include "db.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

struct host_in {
	int64_t user;
};

static const struct field host_fields[] = {
    INT_FIELD(struct host_in, user, 1, ((int64_t)1 << 53) - 1, FIELD_REQUIRED),
    END_FIELD,
};

/* Tells the room what a member is now. */
static enum err
announce_member(struct req *r, uint64_t room, uint64_t user)
{
	json_t *member;
	enum err e = sql_member_get(r, room, user, &member);

	if (e == ERR_NOT_FOUND) /* a host who is no member: there is nothing to tell */
		return OK;
	TRY(e);
	return stream_append(r, WIRE_ROOM, room, EV_MEMBER_UPDATED, req_own(r, json_copy(member)));
}

/* Hands the room to one of its members; its host only: 200 with the room. */
enum err
host_set(struct req *r)
{
	struct host_in in;
	struct stream_pos at;
	uint64_t before, host;
	json_t *row, *member;
	enum err e;

	TRY(req_read(r, host_fields, &in));
	host = (uint64_t)in.user;
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	TRY(rooms_require_rank(r, row, RANK_HOST));
	if ((before = row_id(row, "host")) == host) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, rooms_shown(row));
	}
	if ((e = sql_member_get(r, at.id, host, &member)) == ERR_NOT_FOUND)
		return req_invalid(r, "user", "is not a member of this room");
	TRY(e);
	if (json_is_true(json_object_get(member, "bot")))
		return req_invalid(r, "user", "is a bot");
	if (json_is_true(json_object_get(member, "guest")))
		return req_invalid(r, "user", "is a guest");
	TRY(sql_room_set_host(r, at.id, host, NULL));
	TRY(sql_host_hand_over(r, at.id, before, host, NULL));
	TRY(sql_room_get(r, r->user, at.id, &row));
	TRY(stream_store(r, &at, EV_ROOM_UPDATED, req_own(r, rooms_public(row))));
	TRY(announce_member(r, at.id, before));
	TRY(announce_member(r, at.id, host));
	TRY(rooms_announce(r, EV_ROOM_UPDATED, row));
	TRY(audit_note(r, "room.handed_over", at.id, host, NULL));
	return req_reply(r, 200, rooms_shown(row));
}
