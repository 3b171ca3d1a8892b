/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/draft and /v1/users/me/drafts: what somebody has begun to write, so that another
 * device goes on with it. The latest counts. It changes with each pause in typing, so it is no
 * event: the own devices hear it as a signal, and ask for all drafts when they were away.
 */
#include "db.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define DRAFTS_MAX     500 /* of one person */
#define CHANGES_MAX    120 /* in so many seconds */
#define CHANGES_WINDOW 60

struct draft_in {
	const char *body;
	int64_t reply_to;
};

static const struct field draft_fields[] = {
    TEXT_FIELD(struct draft_in, body, 1, SEND_BODY_MAX, FIELD_REQUIRED),
    INT_FIELD(struct draft_in, reply_to, 1, INT64_MAX, 0),
    END_FIELD,
};

static const char *
own_channel(struct req *r)
{
	return notify_channel(&r->mem, WIRE_USER, r->user);
}

/* Holds the own stream, so that what is heard last is what was stored last. */
static enum err
hold(struct req *r)
{
	TRY(throttle_take(
	    r, arena_printf(&r->mem, "draft:%" PRIu64, r->user), CHANGES_MAX, CHANGES_WINDOW));
	TRY(db_begin(r->db));
	return stream_hold(r, WIRE_USER, r->user);
}

/* 200 with the draft, in the place of the one before. */
enum err
drafts_set(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct draft_in in;
	const char *text;
	json_t *row;

	TRY(req_read(r, draft_fields, &in));
	TRY(hold(r));
	TRY(rooms_require(r, room, &row));
	TRY(sql_drafts_others(r, r->user, room, &row));
	if (row_id(row, "count") >= DRAFTS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d drafts", DRAFTS_MAX);
	TRY(sql_draft_set(r, r->user, room, in.body,
	    in.reply_to == FIELD_ABSENT ? 0 : (uint64_t)in.reply_to, NULL));
	TRY(sql_draft_get(r, r->user, room, &row));
	TRY(req_dump(r, row, &text));
	notify_signal(r, own_channel(r), "draft.updated", str_of(text), 0);
	return req_reply(r, 200, json_incref(row));
}

/* 204, also if there was none, or no such room. What is told names the draft by its time, so that
 * whoever has written a newer one meanwhile keeps that. */
enum err
drafts_remove(struct req *r)
{
	uint64_t room = req_id(r, "room");
	const char *text;
	json_t *row;
	enum err e;

	TRY(hold(r));
	e = sql_draft_get(r, r->user, room, &row);
	if (e == ERR_NOT_FOUND)
		return req_reply(r, 204, NULL);
	if (e != OK)
		return e;
	TRY(sql_draft_delete(r, r->user, room, NULL));
	TRY(req_dump(r,
	    req_own(r, json_pack("{s:O, s:O}", "room", json_object_get(row, "room"), "updated_at",
			   json_object_get(row, "updated_at"))),
	    &text));
	notify_signal(r, own_channel(r), "draft.removed", str_of(text), 0);
	return req_reply(r, 204, NULL);
}

/* All of the asker's, by room. */
enum err
drafts_list(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(sql_drafts_list(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "drafts", rows, &page, "room");
}
