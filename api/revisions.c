/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/revisions: what a message said before it was changed, for its
 * sender and for those who keep order in the room. Gone with the message. */
#include "messages.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

/* The earlier versions, oldest first; the present one is the message. Moderators read them also of
 * people whom they block, or blocking would keep them from their duty. */
enum err
revisions_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), seq = req_id(r, "message");
	json_t *row, *rows;

	TRY(messages_require(r, room, seq));
	TRY(sql_message_get(r, room, seq, &row));
	if (row_id(row, "sender") != r->user) {
		TRY(rooms_find(r, room, &row));
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	}
	TRY(sql_revisions_list(r, room, seq, &rows));
	return req_reply(r, 200, json_pack("{s:O}", "revisions", rows));
}
