/* SPDX-License-Identifier: MIT */
/* /v1/reports: what somebody wants others to look at, a message, a person or a room.
 *
 * Admins see all of it. The moderators of a room see what concerns a message or a person there, but
 * not who reported it, nor what concerns themselves. The reporter hears how it ended, not from
 * whom.
 */
#include "admins.h"
#include "audit.h"
#include "db.h"
#include "messages.h"
#include "page.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define HOURLY_MAX 20

struct report_in {
	int64_t room, message, user;
	const char *reason;
	const char *detail;
};

static const struct field report_fields[] = {
    INT_FIELD(struct report_in, room, 1, INT64_MAX, 0),
    INT_FIELD(struct report_in, message, 1, INT64_MAX, 0),
    INT_FIELD(struct report_in, user, 1, INT64_MAX, 0),
    WORD_FIELD(
	struct report_in, reason, "spam|abuse|sexual|violence|privacy|other", FIELD_REQUIRED),
    TEXT_FIELD(struct report_in, detail, 0, 1000, 0),
    END_FIELD,
};

struct verdict_in {
	const char *state;
	const char *note;
};

static const struct field verdict_fields[] = {
    WORD_FIELD(struct verdict_in, state, "resolved|dismissed", FIELD_REQUIRED),
    TEXT_FIELD(struct verdict_in, note, 0, 1000, 0),
    END_FIELD,
};

static uint64_t
or_zero(int64_t number)
{
	return number == FIELD_ABSENT ? 0 : (uint64_t)number;
}

/* Looks at what is reported: the asker has to know of the room, and to see the message, whose text
 * is kept as it now is. Of a person nothing is told, not even whether there is one. */
static enum err
check_subject(struct req *r, struct report_in *in, const char **body)
{
	json_t *row;

	*body = "";
	if (in->message == FIELD_ABSENT && in->user == FIELD_ABSENT && in->room == FIELD_ABSENT)
		return req_invalid(r, "room", "say what is reported: a room, a message or a user");
	if (in->message == FIELD_ABSENT)
		return in->room == FIELD_ABSENT ? OK : rooms_find(r, (uint64_t)in->room, &row);
	if (in->room == FIELD_ABSENT)
		return req_invalid(r, "room", "is required with a message");
	TRY(messages_require(r, (uint64_t)in->room, (uint64_t)in->message));
	TRY(sql_message_get(r, (uint64_t)in->room, (uint64_t)in->message, &row));
	if (json_object_get(row, "deleted_at") != NULL)
		return ERR_NOT_FOUND;
	if (in->user != FIELD_ABSENT && (uint64_t)in->user != row_id(row, "sender"))
		return req_invalid(r, "user", "did not send this message");
	in->user = (int64_t)row_id(row, "sender");
	*body = row_text(row, "body");
	return OK;
}

/* Reports something: 201 with the report. */
enum err
reports_create(struct req *r)
{
	const char *name = arena_printf(&r->mem, "report:%" PRIu64, r->user), *body;
	struct report_in in;
	json_t *report;

	TRY(req_read(r, report_fields, &in));
	TRY(throttle_take(r, name, HOURLY_MAX, 3600)); /* also what misses: ids can't be tried */
	TRY(db_begin(r->db));
	TRY(check_subject(r, &in, &body));
	TRY(sql_report_insert(r, r->user, or_zero(in.room), or_zero(in.message), or_zero(in.user),
	    in.reason, in.detail == NULL ? "" : in.detail, body, NULL));
	TRY(sql_report_own(r, db_insert_id(r->db), &report));
	return req_reply(r, 201, json_incref(report));
}

/* The asker's own reports, the newest first. */
enum err
reports_list_mine(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, PAGE_END, &page));
	TRY(sql_reports_own(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "reports", rows, &page, "id");
}

/* Those of one state, ?state=, open if it is not given; the newest first. */
enum err
reports_list(struct req *r)
{
	const char *state = query_value(&r->mem, str_of(r->query), "state");
	uint64_t room;
	struct page page;
	int64_t limit;
	json_t *rows, *row;
	enum err e = admins_require(r);

	state = state == NULL ? "open" : state;
	TRY(req_query_word(r, "state", state, "open|resolved|dismissed"));
	TRY(req_query_number(r, "room", 0, PAGE_END, &room));
	TRY(page_read(r, PAGE_END, &page));
	limit = (int64_t)page.limit + 1;
	if (e != OK && (e != ERR_FORBIDDEN || room == 0))
		return e;
	if (e == OK && room == 0)
		TRY(sql_reports_whole(r, state, page.cursor, limit, &rows));
	else if (e == OK)
		TRY(sql_reports_of_room_whole(r, room, state, page.cursor, limit, &rows));
	else {
		TRY(rooms_find(r, room, &row));
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
		TRY(sql_reports_of_room(r, room, state, r->user, page.cursor, limit, &rows));
	}
	return page_reply(r, "reports", rows, &page, "id");
}

/* Whether the asker may see and close a report; to others it does not exist. */
static enum err
check_right(struct req *r, json_t *report)
{
	uint64_t room = row_id(report, "room"), user = row_id(report, "user");
	json_t *row;
	enum err e = sql_admin_get(r, r->user, &row); /* no words about admins: it is a 404 */

	if (e != ERR_NOT_FOUND)
		return e;
	if (room == 0 || user == 0 || user == r->user)
		return ERR_NOT_FOUND;
	TRY(rooms_find(r, room, &row));
	(void)json_object_del(report, "reporter");
	return row_id(row, "rank") >= RANK_MODERATOR ? OK : ERR_NOT_FOUND;
}

static enum err
note(struct req *r, const json_t *report, const char *state)
{
	return audit_note(r, "report.closed", row_id(report, "room"), row_id(report, "user"),
	    json_pack("{s:O, s:s}", "report", json_object_get(report, "id"), "state", state));
}

/* Closes a report, once: 200 with it. The reporter's stream is held, so that of two who decide at
 * the same time one is the first. */
enum err
reports_update(struct req *r)
{
	uint64_t id = req_id(r, "report"), closed;
	struct verdict_in in;
	struct stream_pos at;
	uint64_t reporter;
	json_t *report, *told;

	TRY(req_read(r, verdict_fields, &in));
	TRY(sql_report_get(r, id, &report));
	reporter = row_id(report, "reporter");
	TRY(check_right(r, report)); /* strangers hold nobody's stream */
	TRY(stream_next(r, WIRE_USER, reporter, &at));
	TRY(sql_report_get(r, id, &report));
	TRY(check_right(r, report));
	TRY(sql_report_close(r, id, r->user, in.state, in.note == NULL ? "" : in.note, &closed));
	if (closed == 0) {
		if (row_id(report, "by_user") != r->user ||
		    strcmp(row_text(report, "state"), in.state) != 0)
			return req_fail(r, ERR_CONFLICT, "it was closed already");
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(report));
	}
	TRY(note(r, report, in.state));
	told = json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", in.state);
	TRY(stream_store(r, &at, EV_REPORT_UPDATED, req_own(r, told)));
	TRY(sql_report_get(r, id, &report));
	TRY(check_right(r, report)); /* shows what the asker may see */
	return req_reply(r, 200, json_incref(report));
}
