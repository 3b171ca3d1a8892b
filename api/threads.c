/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/thread: what was answered below a message.
 *
 * An answer is a message like others, with `thread`, the seq of the root; it stands in the history,
 * too. How many there are is not stored with the root but counted: clients count message.created
 * with `thread` themselves, also of people whom they block, and so does a deleted answer, which
 * stays as a tombstone.
 */
#include "threads.h"

#include "history.h"
#include "messages.h"
#include "route.h"
#include "sql.h"

enum err
threads_attach(struct req *r, uint64_t room, json_t *messages)
{
	size_t n = json_array_size(messages), i = 0, k;
	json_t *rows, *row;

	if (n == 0)
		return OK;
	TRY(sql_threads_count(r, room, row_id(json_array_get(messages, 0), "seq"),
	    row_id(json_array_get(messages, n - 1), "seq"), &rows));
	json_array_foreach (rows, k, row) {
		while (i < n && row_id(json_array_get(messages, i), "seq") < row_id(row, "root"))
			i++;
		if (i == n)
			break;
		if (row_id(json_array_get(messages, i), "seq") != row_id(row, "root"))
			continue; /* of a message that the asker has hidden */
		(void)json_object_set_new(json_array_get(messages, i), "replies",
		    json_pack("{s:O, s:O}", "count", json_object_get(row, "count"), "last",
			json_object_get(row, "last")));
	}
	return OK;
}

/* The message, {root}, and a page of what was answered, as the history has it. */
enum err
threads_get(struct req *r)
{
	uint64_t room = req_id(r, "room"), root = req_id(r, "message");
	struct history_page page;
	json_t *row, *rows;

	TRY(history_page(r, room, &page));
	TRY(messages_require(r, room, root));
	TRY(sql_message_get(r, room, root, &row));
	if (row_id(row, "thread") != 0)
		return ERR_NOT_FOUND;
	if (page.forward)
		TRY(sql_thread_after(
		    r, room, root, r->user, page.after, page.before, page.limit, &rows));
	else
		TRY(sql_thread_before(
		    r, room, root, r->user, page.after, page.before, page.limit, &rows));
	return history_reply(r, room, &page, rows, row);
}
