/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/scheduled and /v1/users/me/scheduled: messages that are sent later.
 *
 * The feeder sends each at its time, in its sender's name, exactly once: it takes the row first, so
 * that nobody changes it any more, sends with a client_id made of the row's id, and then deletes
 * the row. A crash in between sends again, which is the same message. What is refused then (one has
 * left the room, is muted, the room is gone) stays with the reason, `failed`, and is told on the
 * own stream, as is everything else about it.
 */
#include "scheduled.h"

#include "db.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "words.h"

#include <inttypes.h>

#define SCHEDULED_MAX 100                    /* of one person */
#define SOONEST_MS    10000                  /* from now */
#define LATEST_MS     (366LL * 86400 * 1000) /* a year */
#define AGAIN_SECONDS 60                     /* after a mistake of ours */

struct scheduled_in {
	const char *client_id;
	const char *body;
	int64_t reply_to;
	const char *send_at;
};

static const struct field scheduled_fields[] = {
    TEXT_FIELD(struct scheduled_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct scheduled_in, body, 1, SEND_BODY_MAX, FIELD_REQUIRED),
    INT_FIELD(struct scheduled_in, reply_to, 1, INT64_MAX, 0),
    TIME_FIELD(struct scheduled_in, send_at, FIELD_REQUIRED),
    END_FIELD,
};

static const struct field change_fields[] = {
    TEXT_FIELD(struct scheduled_in, body, 1, SEND_BODY_MAX, 0),
    INT_FIELD(struct scheduled_in, reply_to, 0, INT64_MAX, 0),
    TIME_FIELD(struct scheduled_in, send_at, 0),
    END_FIELD,
};

/* Ten seconds to a year from now. */
static enum err
check_time(struct req *r, const char *at)
{
	char soonest[CLOCK_TEXT_SIZE], latest[CLOCK_TEXT_SIZE];
	int64_t now = clock_wall();

	clock_text(now + SOONEST_MS, soonest);
	clock_text(now + LATEST_MS, latest);
	if (at != NULL && (strcmp(at, soonest) < 0 || strcmp(at, latest) > 0))
		return req_invalid(r, "send_at", "must be 10 seconds to a year from now");
	return OK;
}

/* Whether the text would be refused as it is now; words are masked when it is sent. */
static enum err
check_words(struct req *r, uint64_t room, const char *body)
{
	return body == NULL ? OK : words_filter(r, room, &body);
}

/* Tells the own devices of a message as it now is, and answers with it. */
static enum err
announce(struct req *r, const struct stream_pos *at, enum event ev, uint64_t room, uint64_t id,
    int status)
{
	json_t *row;

	TRY(sql_scheduled_get(r, r->user, room, id, &row));
	TRY(stream_store(r, at, ev, req_own(r, json_copy(row))));
	return req_reply(r, status, json_incref(row));
}

/* The same call again: the same answer. */
static enum err
repeat(struct req *r, uint64_t room, uint64_t id, const struct scheduled_in *in)
{
	json_t *row;

	TRY(sql_scheduled_get(r, r->user, room, id, &row));
	db_rollback(r->db); /* nothing happened, so no seq is used */
	if (strcmp(row_text(row, "body"), in->body) != 0 ||
	    strcmp(row_text(row, "send_at"), in->send_at) != 0)
		return ERR_CLIENT_ID_REUSED;
	return req_reply(r, 201, json_incref(row));
}

/* A message for later: 201 with it. */
enum err
scheduled_create(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct scheduled_in in;
	struct stream_pos at;
	json_t *row;
	enum err e;

	TRY(req_read(r, scheduled_fields, &in));
	TRY(check_time(r, in.send_at));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	e = sql_scheduled_known(r, r->user, room, in.client_id, &row);
	if (e == OK)
		return repeat(r, room, row_id(row, "id"), &in);
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(rooms_require(r, room, &row));
	TRY(check_words(r, room, in.body));
	TRY(sql_scheduled_count(r, r->user, &row));
	if (row_id(row, "count") >= SCHEDULED_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d messages", SCHEDULED_MAX);
	TRY(sql_scheduled_insert(r, r->user, room, in.client_id, in.body,
	    in.reply_to == FIELD_ABSENT ? 0 : (uint64_t)in.reply_to, in.send_at, NULL));
	return announce(r, &at, EV_SCHEDULED_CREATED, room, db_insert_id(r->db), 201);
}

/* Those of the asker, as they were made; in one room, and in all. */
enum err
scheduled_list(struct req *r)
{
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(sql_scheduled_list_room(
	    r, r->user, req_id(r, "room"), page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "scheduled", rows, &page, "id");
}

enum err
scheduled_list_mine(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(sql_scheduled_list(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "scheduled", rows, &page, "id");
}

/* Holds the own stream and the message, which is not being sent at this moment. */
static enum err
hold(struct req *r, struct stream_pos *at)
{
	json_t *row;

	TRY(stream_next(r, WIRE_USER, r->user, at));
	TRY(sql_scheduled_hold(r, r->user, req_id(r, "room"), req_id(r, "scheduled"), &row));
	if (json_is_true(json_object_get(row, "taken")))
		return req_fail(r, ERR_CONFLICT, "it is being sent");
	return OK;
}

/* Changes what is given: 200 with the message. One that has failed is tried again at a new time. */
enum err
scheduled_update(struct req *r)
{
	uint64_t room = req_id(r, "room"), id = req_id(r, "scheduled");
	struct scheduled_in in;
	struct stream_pos at;
	json_t *row;

	TRY(req_read(r, change_fields, &in));
	TRY(check_time(r, in.send_at));
	TRY(hold(r, &at));
	if (in.body == NULL && in.send_at == NULL && in.reply_to == FIELD_ABSENT) {
		TRY(sql_scheduled_get(r, r->user, room, id, &row));
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(row));
	}
	TRY(sql_scheduled_update(
	    r, id, in.body, in.reply_to == FIELD_ABSENT ? -1 : in.reply_to, in.send_at, NULL));
	return announce(r, &at, EV_SCHEDULED_UPDATED, room, id, 200);
}

/* Tells that there is no such message any more: it was taken back, or sent as `message`. */
static enum err
remove_row(struct req *r, const struct stream_pos *at, uint64_t room, uint64_t id, uint64_t message)
{
	json_t *data =
	    req_own(r, json_pack("{s:I, s:I}", "id", (json_int_t)id, "room", (json_int_t)room));

	if (message != 0)
		(void)json_object_set_new(data, "message", json_integer((json_int_t)message));
	TRY(sql_scheduled_delete(r, id, NULL));
	return stream_store(r, at, EV_SCHEDULED_REMOVED, data);
}

/* Takes it back: 204. */
enum err
scheduled_remove(struct req *r)
{
	struct stream_pos at;

	TRY(hold(r, &at));
	TRY(remove_row(r, &at, req_id(r, "room"), req_id(r, "scheduled"), 0));
	return req_reply(r, 204, NULL);
}

/* ---- when the time has come ---- */

/* It was sent. */
static enum err
finish(struct req *r, const json_t *row, uint64_t message)
{
	struct stream_pos at;

	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(remove_row(r, &at, row_id(row, "room"), row_id(row, "id"), message));
	return db_commit(r->db);
}

/* It can't be sent: its sender is told why. */
static enum err
give_up(struct req *r, const json_t *row, enum err why)
{
	uint64_t room = row_id(row, "room"), id = row_id(row, "id");
	struct stream_pos at;
	json_t *now;

	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_scheduled_fail(r, id, err_info(why)->slug, NULL));
	TRY(sql_scheduled_get(r, r->user, room, id, &now));
	TRY(stream_store(r, &at, EV_SCHEDULED_FAILED, req_own(r, json_copy(now))));
	return db_commit(r->db);
}

/* What becomes of it after sending has ended so. */
static enum err
settle(struct req *r, const json_t *row, enum err e, uint64_t seq)
{
	json_t *known;

	if (e == ERR_CLIENT_ID_REUSED) { /* sent before a crash, with other words masked */
		TRY(sql_message_known(r, row_id(row, "room"), r->user,
		    arena_printf(&r->mem, "scheduled-%" PRIu64, row_id(row, "id")), &known));
		seq = row_id(known, "seq");
		e = OK;
	}
	if (e == OK)
		return finish(r, row, seq);
	if (e == ERR_SLOW_MODE)
		return sql_scheduled_delay(r, row_id(row, "id"), 0, r->retry_after, NULL);
	if (e == ERR_INTERNAL) /* others wait behind it, and perhaps it was sent */
		return sql_scheduled_delay(r, row_id(row, "id"), 1, AGAIN_SECONDS, NULL);
	return err_info(e)->status >= 500 ? e : give_up(r, row, e);
}

static enum err
deliver(struct req *r, uint64_t id)
{
	struct stream_pos at = {.seq = 0};
	struct str message;
	json_t *row;
	enum err e;

	TRY(sql_scheduled_take(r, id, NULL));
	TRY(sql_scheduled_taken(r, id, &row));
	r->user = row_id(row, "user");
	if (json_is_true(json_object_get(row, "late")))
		return give_up(r, row, ERR_TOO_LATE);
	if (strcmp(row_text(row, "state"), "active") != 0)
		return give_up(r, row, ERR_DISABLED);
	e = send_message(r, row_id(row, "room"),
	    &(struct send){
		.client_id = arena_printf(&r->mem, "scheduled-%" PRIu64, id),
		.body = row_text(row, "body"),
		.reply_to = row_id(row, "reply_to"),
	    },
	    &at, &message);
	db_rollback(r->db);
	notify_flush(r);
	CRASH_POINT("api.after_scheduled");
	return settle(r, row, e, at.seq);
}

bool
scheduled_step(struct req *r)
{
	json_t *row;
	enum err e;

	if (db_ready(r->db) != OK || sql_scheduled_due(r, &row) != OK)
		return false;
	e = deliver(r, row_id(row, "id"));
	db_rollback(r->db);
	if (e == OK)
		notify_flush(r);
	else if (e != ERR_NOT_FOUND && e != ERR_RETRY)
		log_warn("scheduled message %" PRIu64 ": %s", row_id(row, "id"), err_info(e)->slug);
	r->user = 0; /* the feeder is nobody */
	r->notices = NULL;
	r->problems = NULL;
	r->detail = NULL;
	r->retry_after = 0;
	return e == OK;
}
