/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/previews: what the pages say about themselves that a message
 * links to.
 *
 * A message with links leaves a row of preview_job; the courier fetches the pages (previewfetch.c)
 * and adds `previews` to the message, which the room learns by message.updated.
 */
#include "previews.h"

#include "db.h"
#include "messages.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

enum err
previews_ask(struct req *r, uint64_t room, uint64_t message, const char *entities)
{
	if (!r->conf->link_previews || entities == NULL || strstr(entities, "\"link\"") == NULL)
		return OK;
	return sql_preview_ask(r, room, message, NULL);
}

enum err
previews_renew(struct req *r, uint64_t room, uint64_t message, const char *entities)
{
	TRY(sql_previews_cancel(r, room, message, NULL));
	return previews_ask(r, room, message, entities);
}

/* Takes the previews off a message, also those that are still to come; its sender and moderators:
 * 204. */
enum err
previews_remove(struct req *r)
{
	uint64_t room = req_id(r, "room"), seq = req_id(r, "message");
	struct stream_pos at;
	json_t *message, *row;

	TRY(messages_hold(r, &at, &message));
	TRY(rooms_find(r, room, &row));
	if (row_id(message, "sender") != r->user)
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	if (json_object_get(message, "previews") == NULL) {
		db_rollback(r->db); /* nothing happened yet, so no seq is used */
		TRY(sql_previews_cancel(r, room, seq, NULL));
		return req_reply(r, 204, NULL);
	}
	TRY(sql_previews_cancel(r, room, seq, NULL));
	TRY(sql_previews_set(r, room, seq, at.seq, NULL, NULL));
	TRY(messages_announce(r, &at, seq, EV_MESSAGE_UPDATED));
	return req_reply(r, 204, NULL);
}
