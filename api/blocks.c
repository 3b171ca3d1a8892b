/* SPDX-License-Identifier: MIT */
/* /v1/blocks: people of whom somebody wants to hear nothing. They are never told.
 *
 * A block hides what they write, in what REST answers (blocks_veil()) and on sockets that are open:
 * maru-push gets the list with the right to subscribe (realtime.c), and each change as an event of
 * the system's stream, block.changed {user, other, on, at}. `at` is the seq of block.added or
 * block.removed on the blocker's own stream, so a list can be told from an older one.
 */
#include "blocks.h"

#include "db.h"
#include "directs.h"
#include "erasure.h"
#include "friends.h"
#include "page.h"
#include "pairs.h"
#include "route.h"
#include "shared/veil.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

#define BLOCKS_MAX  1000
#define LIST_MAX    7000
#define SENDERS_MAX 32768 /* bytes of 1,000 ids */

/* In the order of the ids. */
enum err
blocks_list(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(sql_blocks_list(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "blocks", rows, &page, "id");
}

/* Tells the asker's own screens, and maru-push. */
static enum err
announce(struct req *r, enum event ev, const json_t *block)
{
	struct stream_pos at;
	json_t *data;

	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(stream_store(r, &at, ev, req_own(r, json_copy((json_t *)(uintptr_t)block))));
	data = json_pack("{s:I, s:O, s:b, s:I}", "user", (json_int_t)r->user, "other",
	    json_object_get(block, "id"), "on", ev == EV_BLOCK_ADDED, "at", (json_int_t)at.seq);
	return stream_append(r, WIRE_SYSTEM, 0, EV_BLOCK_CHANGED, req_own(r, data));
}

static enum err
check_limit(struct req *r)
{
	json_t *row;

	TRY(sql_blocks_count(r, r->user, &row));
	if (row_id(row, "count") >= BLOCKS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d people", BLOCKS_MAX);
	return OK;
}

/* Blocks somebody: 201, or 200 if that is so already. What there was between the two ends: a
 * friendship, requests both ways, and the asker's place in their direct room. */
enum err
blocks_set(struct req *r)
{
	uint64_t other = req_id(r, "user");
	json_t *pair, *block;

	if (other == r->user)
		return req_invalid(r, "user", "must be somebody else");
	TRY(pairs_freeze(r, other));
	TRY(directs_part(r, other));
	TRY(pairs_get(r, other, &pair));
	if (strcmp(row_text(pair, "state"), "erased") == 0)
		return ERR_NOT_FOUND;
	if (json_is_true(json_object_get(pair, "blocks"))) {
		TRY(sql_block_get(r, r->user, other, &block));
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(block));
	}
	TRY(check_limit(r));
	TRY(friends_forget(r, other, NULL));
	TRY(sql_block_insert(r, r->user, other, NULL));
	TRY(sql_notifications_forget(r, r->user, other, NULL)); /* block.added implies it */
	TRY(sql_block_get(r, r->user, other, &block));
	TRY(announce(r, EV_BLOCK_ADDED, block));
	return req_reply(r, 201, json_incref(block));
}

/* Lifts it: 204. */
enum err
blocks_remove(struct req *r)
{
	uint64_t other = req_id(r, "user"), gone;
	json_t *row;

	TRY(sql_pair_stream(r, WIRE_USER, r->user, &row));
	TRY(sql_block_delete(r, r->user, other, &gone));
	if (gone == 0)
		return ERR_NOT_FOUND;
	TRY(erasure_remember(r, other));
	row = req_own(r, json_pack("{s:I}", "id", (json_int_t)other));
	TRY(announce(r, EV_BLOCK_REMOVED, row));
	return req_reply(r, 204, NULL);
}

/* ---- hiding ---- */

/* Whether a user is among the rows, which are in order. */
static bool
has(const json_t *rows, uint64_t user)
{
	size_t low = 0, high = json_array_size(rows);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		uint64_t other = row_id(json_array_get(rows, mid), "other");

		if (other == user)
			return true;
		if (other < user)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* The senders of these messages as a JSON array, but for the asker; NULL if there are none. */
static const char *
others(struct req *r, const json_t *messages)
{
	struct buf *out = req_buf(r, SENDERS_MAX);
	const json_t *message;

	for (size_t i = 0; (message = json_array_get(messages, i)) != NULL; i++) {
		uint64_t sender = veil_sender(message);

		if (sender != 0 && sender != r->user)
			buf_printf(out, "%c%" PRIu64, out->n == 0 ? '[' : ',', sender);
	}
	if (out->n == 0)
		return NULL;
	buf_addch(out, ']');
	return arena_strndup(&r->mem, out->p, out->n);
}

enum err
blocks_veil(struct req *r, json_t *messages)
{
	const char *senders = r->user == 0 ? NULL : others(r, messages);
	json_t *rows, *message;
	size_t i;

	if (senders == NULL)
		return OK; /* the feeder, or nothing that could be hidden */
	TRY(sql_blocks_among(r, r->user, senders, &rows));
	json_array_foreach (messages, i, message) {
		if (has(rows, veil_sender(message)))
			(void)json_array_set_new(messages, i, veil_data(message));
	}
	return OK;
}

enum err
blocks_veil_events(struct req *r, json_t *events)
{
	json_t *all = req_own(r, json_array()), *event;
	size_t i;

	json_array_foreach (events, i, event)
		(void)json_array_append(all, json_object_get(event, "data"));
	TRY(blocks_veil(r, all));
	json_array_foreach (events, i, event)
		(void)json_object_set(event, "data", json_array_get(all, i));
	return OK;
}

enum err
blocks_list_room(struct req *r, uint64_t room, const char *before, struct buf *out)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_blocks_in_room(r, r->user, room, &rows));
	for (i = 0; (row = json_array_get(rows, i)) != NULL && out->n < LIST_MAX; i++)
		buf_printf(out, "%s%" PRIu64, i == 0 ? before : ",", row_id(row, "other"));
	return OK;
}

enum err
blocks_claim(struct req *r, json_t **out)
{
	TRY(sql_blocks_claim(r, r->user, out));
	if (json_array_size(json_object_get(*out, "ids")) == 0)
		(void)json_object_del(*out, "ids");
	return OK;
}
