/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/purges: everything that somebody said in a room is deleted at once.
 *
 * One event tells it, {room, user, after, until, count, deleted_at}: every message of that sender
 * with after < seq <= until that was not deleted yet is, its rev is the event's seq, and its
 * reactions and its pin are gone.
 */
#include "purges.h"

#include "audit.h"
#include "db.h"
#include "members.h"
#include "musiclist.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

#define COUNT_MAX   10000 /* messages of one call, while which the room waits */
#define SECONDS_MAX 315360000

struct purge_in {
	int64_t user;
	int64_t seconds;
};

static const struct field purge_fields[] = {
    INT_FIELD(struct purge_in, user, 1, INT64_MAX, FIELD_REQUIRED),
    INT_FIELD(struct purge_in, seconds, 1, SECONDS_MAX, 0),
    END_FIELD,
};

/* Moderators and the host, against those below them and those who have left; admins. */
static enum err
check_rank(struct req *r, const json_t *row, uint64_t user)
{
	json_t *member;
	enum err e;

	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	e = sql_member_get(r, row_id(row, "id"), user, &member);
	if (e == ERR_NOT_FOUND || user == r->user)
		return OK;
	TRY(e);
	return members_require_above(r, row, member);
}

enum err
purges_erase(struct req *r, const struct stream_pos *at, uint64_t user, uint64_t first,
    uint64_t last, json_t **data)
{
	uint64_t count;
	json_t *message;

	TRY(sql_purge_erase(r, at->id, user, first, last, at->seq, &count));
	TRY(sql_purge_erase_reactions(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_attachments(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_pins(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_mentions(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_votes(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_polls(r, at->id, user, first, last, NULL));
	TRY(sql_purge_erase_revisions(r, at->id, user, first, last, NULL));
	TRY(sql_alerts_insert(r, at->id, first, last, NULL));
	TRY(sql_message_get(r, at->id, first, &message));
	*data = json_pack("{s:I, s:I, s:I, s:I, s:I, s:O}", "room", (json_int_t)at->id, "user",
	    (json_int_t)user, "after", (json_int_t)first - 1, "until", (json_int_t)last, "count",
	    (json_int_t)count, "deleted_at", json_object_get(message, "deleted_at"));
	(void)req_own(r, *data);
	return OK;
}

/* Deletes what somebody said, all or of the last seconds: 200 with what the event tells, and
 * whether some is `more`, for another call. A user who does not exist has said nothing. */
enum err
purges_create(struct req *r)
{
	struct stream_pos at;
	struct purge_in in;
	struct musiclist music;
	json_t *row, *range, *data, *answer;
	uint64_t last;

	TRY(req_read(r, purge_fields, &in));
	in.seconds = in.seconds == FIELD_ABSENT ? 0 : in.seconds;
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	TRY(check_rank(r, row, (uint64_t)in.user));
	TRY(sql_purge_range(r, at.id, (uint64_t)in.user, in.seconds, COUNT_MAX, &range));
	if ((last = row_id(range, "last")) == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200,
		    json_pack("{s:I, s:I, s:i, s:b}", "room", (json_int_t)at.id, "user",
			(json_int_t)in.user, "count", 0, "more", 0));
	}
	TRY(musiclist_watch(r, at.id, &music));
	TRY(purges_erase(r, &at, (uint64_t)in.user, row_id(range, "first"), last, &data));
	TRY(sql_purge_left(r, at.id, (uint64_t)in.user, last, &row));
	TRY(audit_note(r, "messages.purged", at.id, (uint64_t)in.user, json_copy(data)));
	answer = json_copy(data);
	(void)json_object_set(answer, "more", json_object_get(row, "more"));
	TRY(stream_store(r, &at, EV_MESSAGES_PURGED, data));
	TRY(musiclist_settle(r, &music));
	return req_reply(r, 200, answer);
}
