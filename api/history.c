/* SPDX-License-Identifier: MIT */
/* See history.h. */
#include "history.h"

#include "blocks.h"
#include "page.h"
#include "polls.h"
#include "reactions.h"
#include "rooms.h"
#include "stream.h"
#include "threads.h"

enum err
history_page(struct req *r, uint64_t room, struct history_page *page)
{
	uint64_t before, after, limit;
	struct stream_pos head;
	json_t *row;

	TRY(req_query_number(r, "before", PAGE_END, PAGE_END, &before));
	TRY(req_query_number(r, "after", PAGE_END, PAGE_END, &after));
	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &limit));
	TRY(stream_head(r, WIRE_ROOM, room, &head));
	TRY(rooms_require(r, room, &row));
	page->forward = after != PAGE_END;
	page->before = before > head.seq ? head.seq + 1 : before;
	page->after = row_id(row, "seen_after");
	if (page->forward && after > page->after)
		page->after = after;
	page->limit = limit == 0 ? 2 : (int64_t)limit + 1;
	return OK;
}

enum err
history_finish(struct req *r, uint64_t room, json_t *messages)
{
	TRY(reactions_attach(r, room, messages));
	TRY(polls_attach(r, room, messages));
	TRY(threads_attach(r, room, messages));
	return blocks_veil(r, messages);
}

/* Turns a page that was read backwards into the order of seq. */
static json_t *
reversed(struct req *r, json_t *rows)
{
	json_t *out = req_own(r, json_array());

	for (size_t i = json_array_size(rows); i > 0; i--)
		(void)json_array_append(out, json_array_get(rows, i - 1));
	return out;
}

enum err
history_reply(
    struct req *r, uint64_t room, const struct history_page *page, json_t *rows, json_t *root)
{
	size_t shown = (size_t)page->limit - 1;
	json_t *first = req_own(r, json_array()), *next = NULL;

	if (json_array_size(rows) > shown) {
		(void)json_array_remove(rows, shown);
		next = json_object_get(json_array_get(rows, shown - 1), "seq");
	}
	rows = page->forward ? rows : reversed(r, rows);
	TRY(history_finish(r, room, rows));
	if (root != NULL)
		(void)json_array_append(first, root);
	TRY(history_finish(r, room, first));
	return req_reply(r, 200,
	    json_pack("{s:O*, s:O, s:O?}", "root", json_array_get(first, 0), "messages", rows,
		"next", next));
}
