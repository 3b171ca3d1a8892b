/* SPDX-License-Identifier: MIT */
/* /v1/study-sessions: what somebody has studied, and how they correct it. What they change or add
 * is marked; sessions do not overlap, also not with what runs at the desk.
 */
#include "desks.h"
#include "route.h"
#include "shared/clock.h"
#include "sql.h"
#include "study.h"

#define LIST_MAX   1000 /* of a day */
#define DAY_MAX    100  /* that begin within a day may be added to */
#define LENGTH_MAX ((int64_t)24 * 3600 * 1000)

struct session_in {
	const char *started_at;
	const char *ended_at;
};

static const struct field create_fields[] = {
    TIME_FIELD(struct session_in, started_at, FIELD_REQUIRED),
    TIME_FIELD(struct session_in, ended_at, FIELD_REQUIRED),
    END_FIELD,
};

static const struct field change_fields[] = {
    TIME_FIELD(struct session_in, started_at, 0),
    TIME_FIELD(struct session_in, ended_at, 0),
    END_FIELD,
};

/* Those of a day. */
enum err
studysessions_list(struct req *r)
{
	struct study_rule rule;
	struct studydays day;
	json_t *rows;

	TRY(study_rule(r, r->user, &rule));
	TRY(study_read_day(r, &rule, &day));
	TRY(sql_studysessions_list(r, r->user, day.begins[0], day.begins[1], LIST_MAX, &rows));
	return req_reply(r, 200, json_pack("{s:O}", "sessions", rows));
}

/* Whether a session may be so; `but`: it takes the place of this one. */
static enum err
check(struct req *r, int64_t from, int64_t to, uint64_t but)
{
	json_t *row;
	enum err e;

	if (from < 0 || to <= from)
		return req_invalid(r, "ended_at", "must be after started_at");
	if (to - from > LENGTH_MAX)
		return req_invalid(r, "ended_at", "must be within a day of started_at");
	if (to > clock_wall())
		return req_invalid(r, "ended_at", "must not be to come");
	e = sql_studysession_between(r, r->user, from, to, but, &row);
	if (e == ERR_NOT_FOUND)
		return OK;
	return e != OK ? e : req_invalid(r, "started_at", "overlaps what is there already");
}

/* Answers with a session, after telling where one sits that today is different. */
static enum err
finish(struct req *r, int status, uint64_t id, uint64_t desk)
{
	json_t *row;

	if (desk != 0)
		TRY(desks_announce(r, desk));
	if (status == 204)
		return req_reply(r, status, NULL);
	TRY(sql_studysession_get(r, r->user, id, &row));
	return req_reply(r, status, json_incref(row));
}

/* Adds one: 201 with it. */
enum err
studysessions_create(struct req *r)
{
	struct session_in in;
	int64_t from, to;
	uint64_t desk;
	json_t *row;

	TRY(req_read(r, create_fields, &in));
	if (!clock_read(in.started_at, &from) || !clock_read(in.ended_at, &to))
		return ERR_INTERNAL;
	TRY(desks_hold(r, &desk));
	TRY(check(r, from, to, 0));
	TRY(sql_studysessions_count(r, r->user, from, &row));
	if (row_id(row, "count") >= DAY_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d in a day", DAY_MAX);
	TRY(sql_studysession_insert(r, r->user, from, to, NULL));
	return finish(r, 201, db_insert_id(r->db), desk);
}

/* Changes what is given: 200 with it. */
enum err
studysessions_update(struct req *r)
{
	uint64_t id = req_id(r, "session"), desk;
	struct session_in in;
	int64_t from, to;
	json_t *row;

	TRY(req_read(r, change_fields, &in));
	TRY(desks_hold(r, &desk));
	TRY(sql_studysession_get(r, r->user, id, &row));
	if (!clock_read(
		in.started_at != NULL ? in.started_at : row_text(row, "started_at"), &from) ||
	    !clock_read(in.ended_at != NULL ? in.ended_at : row_text(row, "ended_at"), &to))
		return ERR_INTERNAL;
	TRY(check(r, from, to, id));
	if (in.started_at == NULL && in.ended_at == NULL) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(row));
	}
	TRY(sql_studysession_update(r, r->user, id, from, to, NULL));
	return finish(r, 200, id, desk);
}

/* Forgets one: 204. */
enum err
studysessions_delete(struct req *r)
{
	uint64_t id = req_id(r, "session"), desk;
	json_t *row;

	TRY(desks_hold(r, &desk));
	TRY(sql_studysession_get(r, r->user, id, &row));
	TRY(sql_studysession_delete(r, r->user, id, NULL));
	return finish(r, 204, id, desk);
}
