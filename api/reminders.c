/* SPDX-License-Identifier: MIT */
/* /v1/reminders: what somebody wants to hear of later; /remind makes them (commands.c).
 *
 * A reminder is private, so it is told on the own stream. The event and the end of the row are one
 * transaction: whatever crashes, it is told once.
 */
#include "reminders.h"

#include "db.h"
#include "page.h"
#include "route.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

#define REMINDERS_MAX 100 /* of one person */

enum err
reminders_add(struct req *r, const struct reminder *in, json_t **row)
{
	struct stream_pos at;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	if ((e = sql_reminder_known(r, r->user, in->client_id, row)) != ERR_NOT_FOUND) {
		db_rollback(r->db); /* nothing happens, so no seq is used */
		return e;
	}
	TRY(sql_reminders_count(r, r->user, row));
	if (row_id(*row, "n") >= REMINDERS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d reminders", REMINDERS_MAX);
	TRY(sql_reminder_insert(r, r->user, in->room, in->client_id, in->text, in->due, NULL));
	TRY(sql_reminder_get(r, r->user, db_insert_id(r->db), row));
	return stream_store(r, &at, EV_REMINDER_CREATED, req_own(r, json_copy(*row)));
}

/* The own reminders, eldest first. */
enum err
reminders_list(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(sql_reminders_list(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "reminders", rows, &page, "id");
}

/* Takes one back: 204. */
enum err
reminders_delete(struct req *r)
{
	uint64_t id = req_id(r, "reminder");
	struct stream_pos at;
	json_t *row;

	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_reminder_get(r, r->user, id, &row));
	TRY(sql_reminder_delete(r, r->user, id, NULL));
	TRY(stream_store(r, &at, EV_REMINDER_DELETED,
	    req_own(r, json_pack("{s:O}", "id", json_object_get(row, "id")))));
	return req_reply(r, 204, NULL);
}

/* Tells the person, unless it was taken back meanwhile. */
static enum err
tell(struct req *r, uint64_t user, uint64_t id)
{
	struct stream_pos at;
	json_t *row;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, user, &at));
	if ((e = sql_reminder_get(r, user, id, &row)) != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(sql_reminder_delete(r, user, id, NULL));
	TRY(stream_store(r, &at, EV_REMINDER_DUE, req_own(r, json_copy(row))));
	return db_commit(r->db);
}

bool
reminders_step(struct req *r)
{
	json_t *row;
	enum err e;

	if (db_ready(r->db) != OK || sql_reminder_due(r, &row) != OK)
		return false;
	e = tell(r, row_id(row, "user"), row_id(row, "id"));
	db_rollback(r->db);
	r->notices = NULL; /* maru-push compares heads every second */
	if (e != OK && e != ERR_RETRY)
		log_warn("reminder %" PRIu64 ": %s", row_id(row, "id"), err_info(e)->slug);
	return e == OK;
}
