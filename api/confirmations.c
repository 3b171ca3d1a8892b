/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/notices/:notice/confirmation(s): who has read a notice.
 *
 * A thousand people may confirm at once, so it is no event of the room: its counter stays free for
 * what is said. The number stands in the notice's row, whose lock makes it exact; the room hears it
 * as a signal, the latest of which counts.
 */
#include "notify.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

#include <inttypes.h>

/* Tells the room how many they are now. */
static void
signal_count(struct req *r, uint64_t room, uint64_t notice, uint64_t count)
{
	const char *text = arena_printf(&r->mem,
	    "{\"room\":%" PRIu64 ",\"notice\":%" PRIu64 ",\"confirmations\":%" PRIu64 "}", room,
	    notice, count);

	notify_signal(
	    r, notify_channel(&r->mem, WIRE_ROOM, room), "notice.confirmed", str_of(text), 0);
}

/* 204, also if the asker had confirmed it. */
enum err
confirmations_add(struct req *r)
{
	uint64_t room = req_id(r, "room"), notice = req_id(r, "notice"), new;
	json_t *row, *held;
	enum err e = sql_confirmation_hold(r, room, notice, &held);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(rooms_require(r, room, &row));
	TRY(e);
	TRY(sql_confirmation_insert(r, room, notice, r->user, &new));
	if (new == 0)
		return req_reply(r, 204, NULL);
	TRY(sql_confirmation_count(r, room, notice, NULL));
	signal_count(r, room, notice, row_id(held, "confirmations") + 1);
	return req_reply(r, 204, NULL);
}

/* Who has confirmed, in the order of their ids; for everybody in the room. */
enum err
confirmations_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), notice = req_id(r, "notice");
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(rooms_require(r, room, &row));
	TRY(sql_notice_get(r, r->user, room, notice, &row));
	TRY(sql_confirmations_list(r, room, notice, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "confirmations", rows, &page, "id");
}
