/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/read-cursor(s): up to where each member has read.
 *
 * One number per member says it for all messages: how many have not read a message is how many
 * cursors stand before it, its sender's left out. A cursor only moves forward, so of what is said
 * of one the greatest is true, in whatever order it comes; it is no event and takes no seq. Moving
 * it writes one row, by its key, and tells maru-push, which tells the room (push/reads.h).
 *
 * Whoever hides receipts is not among them and not in any number; nor is, for somebody who blocks
 * them, whom they block.
 */
#include "notifications.h"
#include "notify.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define CURSORS_MAX 1000 /* in one answer: a client needs all of them */

struct cursor_in {
	int64_t seq;
};

static const struct field cursor_fields[] = {
    INT_FIELD(struct cursor_in, seq, 0, INT64_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* Nothing was moved: to *now where the asker's cursor is, which is further where another device
 * was. */
static enum err
look(struct req *r, uint64_t room, uint64_t seq, uint64_t *now)
{
	json_t *row;
	enum err e = sql_cursor_get(r, room, r->user, &row);

	if (e == ERR_NOT_FOUND) {
		TRY(rooms_require(r, room, &row));
		return ERR_RETRY; /* joined in between */
	}
	TRY(e);
	if (seq > row_id(row, "head"))
		return req_invalid(r, "seq", "is beyond the last event of the room");
	*now = row_id(row, "read_seq");
	return *now < seq ? ERR_RETRY : OK; /* written in between */
}

/* Moves it forward: 200 with where it is now. */
enum err
cursors_move(struct req *r)
{
	uint64_t room = req_id(r, "room"), moved, now;
	struct cursor_in in;
	json_t *row;

	TRY(req_read(r, cursor_fields, &in));
	now = (uint64_t)in.seq;
	TRY(sql_cursor_move(r, room, r->user, now, &moved));
	if (moved != 0) {
		TRY(sql_cursor_shown(r, r->user, &row));
		notify_read(r, room, now, json_is_true(json_object_get(row, "shown")));
		notify_flush(r); /* it is so, whatever becomes of the rest */
	} else {
		TRY(look(r, room, now, &now));
	}
	TRY(notifications_pass(r, room, now));
	return req_reply(r, 200, json_pack("{s:I}", "seq", (json_int_t)now));
}

/* Those of the members whom the asker is shown, by id. head: the list is not older than this seq of
 * the room; what joined and left after it is told by the room's events. */
enum err
cursors_list(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct stream_pos head;
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(req_query_number(r, "limit", CURSORS_MAX, CURSORS_MAX, &page.limit));
	page.limit = page.limit == 0 ? 1 : page.limit;
	TRY(stream_head(r, WIRE_ROOM, room, &head));
	TRY(rooms_require(r, room, &row));
	TRY(sql_cursors_list(r, r->user, room, page.cursor, (int64_t)page.limit + 1, &rows));
	TRY(sql_cursors_hidden(r, room, &row));
	TRY(page_reply(r, "cursors", rows, &page, "user"));
	(void)json_object_set_new(r->answer, "head", json_integer((json_int_t)head.seq));
	(void)json_object_set(r->answer, "hidden", json_object_get(row, "count"));
	return OK;
}
