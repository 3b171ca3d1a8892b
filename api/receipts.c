/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/receipts: who of those who were there has read a message, and
 * who has not. It is asked of the cursors (cursors.c); nothing is stored per message.
 */
#include "messages.h"
#include "page.h"
#include "query.h"
#include "route.h"
#include "sql.h"

/* By id, for everybody in the room, with the numbers of all. */
enum err
receipts_list(struct req *r)
{
	static const char *const counts[] = {"read_count", "unread_count", "hidden_count"};
	const char *state = query_value(&r->mem, str_of(r->query), "state");
	uint64_t room = req_id(r, "room"), message = req_id(r, "message"), sender;
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(req_query_word(r, "state", state, "read|unread"));
	TRY(messages_require(r, room, message));
	TRY(sql_message_get(r, room, message, &row));
	sender = row_id(row, "sender");
	TRY(sql_receipts_list(
	    r, r->user, room, message, sender, state, page.cursor, (int64_t)page.limit + 1, &rows));
	TRY(sql_receipts_count(r, r->user, room, message, sender, &row));
	TRY(page_reply(r, "receipts", rows, &page, "id"));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		(void)json_object_set(r->answer, counts[i], json_object_get(row, counts[i]));
	return OK;
}
