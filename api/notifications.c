/* SPDX-License-Identifier: MIT */
/* /v1/notifications: what somebody is told of by itself, on whatever screen they look: that a
 * message mentions them, or answers theirs (alerts.c), or that they missed a call (incall.c).
 * `notification.created` on the own stream is what a client shows as a toast, and
 * `notification.withdrawn` takes it away again on all devices, when it was read on one of them or
 * its message is gone.
 *
 * The text of the message is not copied: the list brings the messages along as they now are.
 */
#include "notifications.h"

#include "blocks.h"
#include "db.h"
#include "page.h"
#include "query.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define READ_MAX 1000 /* that one event withdraws */

/* The ids of these rows as JSON text. */
static enum err
list_ids(struct req *r, const json_t *rows, json_t **ids, const char **text)
{
	const json_t *row;

	*ids = req_own(r, json_array());
	for (size_t i = 0; (row = json_array_get(rows, i)) != NULL; i++)
		(void)json_array_append(*ids, json_object_get(row, "id"));
	return req_dump(r, *ids, text);
}

/* By id, newest first, with the messages and with how many are unread in all. */
enum err
notifications_list(struct req *r)
{
	const char *kind = query_value(&r->mem, str_of(r->query), "kind"), *text;
	json_t *rows, *row, *ids, *messages;
	struct page page;
	uint64_t unread;

	TRY(page_read(r, PAGE_END, &page));
	TRY(req_query_word(r, "kind", kind, "mention|reply|call"));
	TRY(req_query_number(r, "unread", 0, 1, &unread));
	TRY(sql_notifications_list(
	    r, r->user, kind, (int64_t)unread, page.cursor, (int64_t)page.limit + 1, &rows));
	TRY(sql_notifications_count(r, r->user, &row));
	TRY(page_reply(r, "notifications", rows, &page, "id"));
	TRY(list_ids(r, rows, &ids, &text));
	TRY(sql_notifications_messages(r, r->user, text, &messages));
	TRY(blocks_veil(r, messages));
	(void)json_object_set(r->answer, "messages", messages);
	(void)json_object_set(r->answer, "unread", json_object_get(row, "count"));
	return OK;
}

/* Marks these rows as read, if there are any, as an event at this place. */
static enum err
withdraw(struct req *r, const struct stream_pos *at, const json_t *rows)
{
	const char *text;
	json_t *ids;

	if (json_array_size(rows) == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return OK;
	}
	TRY(list_ids(r, rows, &ids, &text));
	TRY(sql_notifications_mark(r, r->user, text, NULL));
	return stream_store(r, at, EV_NOTIFICATION_WITHDRAWN,
	    req_own(r, json_pack("{s:O, s:b}", "ids", ids, "deleted", 0)));
}

/* 204, also if it was read already. */
enum err
notifications_read(struct req *r)
{
	json_t *row, *rows = req_own(r, json_array());
	struct stream_pos at;

	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_notification_get(r, r->user, req_id(r, "notification"), &row));
	if (json_is_true(json_object_get(row, "unread")))
		(void)json_array_append(rows, row);
	TRY(withdraw(r, &at, rows));
	return req_reply(r, 204, NULL);
}

/* The oldest thousand: 204. */
enum err
notifications_read_all(struct req *r)
{
	struct stream_pos at;
	json_t *rows;

	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_notifications_unread(r, r->user, READ_MAX, &rows));
	TRY(withdraw(r, &at, rows));
	return req_reply(r, 204, NULL);
}

enum err
notifications_pass(struct req *r, uint64_t room, uint64_t message)
{
	struct stream_pos at;
	json_t *rows;

	TRY(sql_notifications_passed(r, r->user, room, message, 1, &rows));
	if (json_array_size(rows) == 0)
		return OK;
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_notifications_passed(r, r->user, room, message, READ_MAX, &rows));
	return withdraw(r, &at, rows);
}

/* ---- for others ---- */

enum err
notifications_announce(struct req *r, const struct stream_pos *at)
{
	json_t *row;

	TRY(sql_notification_get(r, at->id, at->seq, &row));
	return stream_store(r, at, EV_NOTIFICATION_CREATED, req_own(r, json_copy(row)));
}

enum err
notifications_take_back(struct req *r, uint64_t user, const json_t *row)
{
	json_t *data = json_pack("{s:[O], s:b}", "ids", json_object_get(row, "id"), "deleted", 1);

	(void)req_own(r, data);
	TRY(sql_notification_delete(r, user, row_id(row, "id"), NULL));
	return stream_append(r, WIRE_USER, user, EV_NOTIFICATION_WITHDRAWN, data);
}

enum err
notifications_miss(struct req *r, const json_t *call, const json_t *rung, uint64_t event)
{
	uint64_t room = row_id(call, "room"), id = row_id(call, "id");
	uint64_t user = row_id(rung, "user"), by = row_id(rung, "rung_by");
	struct stream_pos at;
	json_t *row;
	enum err e = sql_notification_wanted(r, user, room, by, &row);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (!json_is_true(json_object_get(row, "wanted")))
		return OK;
	e = sql_notification_missed(r, user, id, &row);
	if (e == OK)
		e = notifications_take_back(r, user, row);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(stream_next(r, WIRE_USER, user, &at));
	TRY(sql_notification_miss(r, user, at.seq, room, id, event, by, NULL));
	return notifications_announce(r, &at);
}
