/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/pins: messages that are kept at hand.
 *
 * A pin goes with its message: message.deleted and messages.purged tell that, no event of its own
 * follows. There are so few that the list is no page.
 */
#include "blocks.h"
#include "db.h"
#include "messages.h"
#include "notices.h"
#include "polls.h"
#include "reactions.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define PINS_MAX 100

/* Holds the room's stream for whoever may pin this message or take its pin off. */
static enum err
hold(struct req *r, struct stream_pos *at)
{
	json_t *row;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	TRY(rooms_find(r, at->id, &row));
	TRY(notices_permit(r, row));
	return req_id(r, "message") > row_id(row, "seen_after") ? OK : ERR_NOT_FOUND;
}

/* 204, also if it was pinned already. */
enum err
pins_add(struct req *r)
{
	struct stream_pos at;
	json_t *row;
	uint64_t new;

	TRY(hold(r, &at));
	TRY(sql_message_get(r, at.id, req_id(r, "message"), &row));
	if (json_object_get(row, "deleted_at") != NULL)
		return ERR_NOT_FOUND;
	TRY(sql_pin_insert(r, at.id, req_id(r, "message"), r->user, &new));
	if (new == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 204, NULL);
	}
	TRY(sql_pins_count(r, at.id, &row));
	if (row_id(row, "count") > PINS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d pins in a room", PINS_MAX);
	TRY(sql_pin_get(r, at.id, req_id(r, "message"), &row));
	TRY(stream_store(r, &at, EV_PIN_ADDED, req_own(r, json_copy(row))));
	return req_reply(r, 204, NULL);
}

/* 204, also if it was not pinned. */
enum err
pins_remove(struct req *r)
{
	struct stream_pos at;
	json_t *data;
	uint64_t gone;

	TRY(hold(r, &at));
	TRY(sql_pin_delete(r, at.id, req_id(r, "message"), &gone));
	if (gone == 0) {
		db_rollback(r->db);
		return req_reply(r, 204, NULL);
	}
	data = json_pack(
	    "{s:I, s:I}", "room", (json_int_t)at.id, "message", (json_int_t)req_id(r, "message"));
	TRY(stream_store(r, &at, EV_PIN_REMOVED, req_own(r, data)));
	return req_reply(r, 204, NULL);
}

/* The pins, the newest first, and beside them their messages in the order of seq, as the history
 * shows them. */
enum err
pins_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), from;
	json_t *row, *pins, *messages, *reactions;

	TRY(rooms_require(r, room, &row));
	from = row_id(row, "seen_after");
	TRY(sql_pins_list(r, room, r->user, from, &pins));
	TRY(sql_pin_messages(r, room, r->user, from, &messages));
	TRY(sql_pin_reactions(r, room, r->user, from, &reactions));
	reactions_join(messages, reactions);
	TRY(polls_attach(r, room, messages));
	TRY(blocks_veil(r, messages));
	return req_reply(r, 200, json_pack("{s:O, s:O}", "pins", pins, "messages", messages));
}
