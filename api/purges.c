/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/purges: everything that somebody said in a room is deleted at once.
 *
 * One event tells it, {room, user, after, until, count, deleted_at}: every message of that sender
 * with after < seq <= until that was not deleted yet is, its rev is the event's seq, and its
 * reactions and its pin are gone. Another one like it, strokes.purged, takes what they drew off the
 * whiteboard. To-dos go one by one, as there are few of them, and those that others have made
 * theirs stay.
 */
#include "purges.h"

#include "audit.h"
#include "db.h"
#include "members.h"
#include "musiclist.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "strokes.h"
#include "todos.h"

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

/* Deletes the messages, up to so many; says in `answer` what the event tells. */
static enum err
purge_messages(struct req *r, uint64_t room, const struct purge_in *in, json_t *answer)
{
	uint64_t user = (uint64_t)in->user, last;
	struct musiclist music;
	struct stream_pos at;
	json_t *range, *data, *left;

	TRY(sql_purge_range(r, room, user, in->seconds, COUNT_MAX, &range));
	if ((last = row_id(range, "last")) == 0)
		return OK;
	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(musiclist_watch(r, room, &music));
	TRY(purges_erase(r, &at, user, row_id(range, "first"), last, &data));
	TRY(sql_purge_left(r, room, user, last, &left));
	(void)json_object_update(answer, data);
	(void)json_object_set(answer, "more", json_object_get(left, "more"));
	TRY(stream_store(r, &at, EV_MESSAGES_PURGED, data));
	return musiclist_settle(r, &music);
}

/* What moderation has done; what it has not done is not noted. */
static enum err
note(struct req *r, uint64_t room, uint64_t user, const json_t *answer)
{
	json_t *data = req_own(r, json_copy((json_t *)(uintptr_t)answer));

	if (row_id(data, "count") + row_id(data, "strokes") + row_id(data, "todos") == 0)
		return OK;
	(void)json_object_del(data, "more");
	return audit_note(r, "messages.purged", room, user, json_incref(data));
}

/* Deletes what somebody said, drew and wrote down to be done, all or of the last seconds: 200 with
 * how much, and whether some is `more`, for another call. A user who does not exist has said
 * nothing. */
enum err
purges_create(struct req *r)
{
	uint64_t room = req_id(r, "room"), user, strokes, todos;
	struct purge_in in;
	json_t *row, *answer;

	TRY(req_read(r, purge_fields, &in));
	in.seconds = in.seconds == FIELD_ABSENT ? 0 : in.seconds;
	user = (uint64_t)in.user;
	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(rooms_find(r, room, &row));
	TRY(check_rank(r, row, user));
	answer = req_own(r, json_pack("{s:I, s:I, s:i, s:b}", "room", (json_int_t)room, "user",
				in.user, "count", 0, "more", 0));
	TRY(purge_messages(r, room, &in, answer));
	TRY(strokes_purge(r, room, user, in.seconds, STROKES_MAX, &strokes));
	TRY(todos_purge(r, room, user, in.seconds, &todos));
	(void)json_object_set_new(answer, "strokes", json_integer((json_int_t)strokes));
	(void)json_object_set_new(answer, "todos", json_integer((json_int_t)todos));
	TRY(note(r, room, user, answer));
	return req_reply(r, 200, json_incref(answer));
}
