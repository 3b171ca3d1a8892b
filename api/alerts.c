/* SPDX-License-Identifier: MIT */
/* See alerts.h. Members are locked before streams of people, both by id: a cursor that is moved
 * meanwhile waits, and whoever moved it looks for notifications after that. */
#include "alerts.h"

#include "db.h"
#include "notifications.h"
#include "shared/crash.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

/* Whether somebody is to be told who was not; the member is held. */
static enum err
is_wanted(struct req *r, uint64_t room, uint64_t message, const json_t *person, bool *wanted)
{
	json_t *row;
	enum err e;

	*wanted = false;
	if (json_object_get(person, "id") != NULL)
		return OK;
	e = sql_alert_member(r, room, message, row_id(person, "user"), &row);
	*wanted = e == OK && json_is_true(json_object_get(row, "wanted"));
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Unless it is a bot, or somebody who blocks the sender, which their stream decides. */
static enum err
tell(struct req *r, uint64_t room, uint64_t message, const json_t *person)
{
	uint64_t user = row_id(person, "user");
	struct stream_pos at;
	json_t *row;

	TRY(stream_hold(r, WIRE_USER, user));
	TRY(sql_alert_person(r, room, message, user, &row));
	if (!json_is_true(json_object_get(row, "wanted")))
		return OK;
	TRY(stream_next(r, WIRE_USER, user, &at));
	TRY(sql_notification_insert(
	    r, at.id, at.seq, row_text(person, "kind"), room, message, NULL));
	return notifications_announce(r, &at);
}

/* Takes out of the list who is not to be told. */
static enum err
choose(struct req *r, uint64_t room, uint64_t message, json_t *people)
{
	bool keep;

	for (size_t i = json_array_size(people); i > 0; i--) {
		const json_t *person = json_array_get(people, i - 1);

		keep = json_object_get(person, "kind") == NULL;
		if (!keep)
			TRY(is_wanted(r, room, message, person, &keep));
		if (!keep)
			(void)json_array_remove(people, i - 1);
	}
	return OK;
}

static enum err
run(struct req *r, uint64_t room, uint64_t message)
{
	json_t *row, *people, *person;
	enum err e;
	size_t i;

	TRY(db_begin(r->db));
	if ((e = sql_alert_hold(r, room, message, &row)) == ERR_NOT_FOUND) {
		db_rollback(r->db); /* somebody else was faster */
		return OK;
	}
	TRY(e);
	TRY(sql_alert_people(r, room, message, &people));
	TRY(choose(r, room, message, people));
	json_array_foreach (people, i, person) {
		if (json_object_get(person, "kind") != NULL)
			TRY(tell(r, room, message, person));
		else
			TRY(notifications_take_back(r, row_id(person, "user"), person));
	}
	TRY(sql_alert_delete(r, room, message, NULL));
	return db_commit(r->db);
}

/* Whoever it fails for goes on without: the row is still there. */
static void
attempt(struct req *r, uint64_t room, uint64_t message)
{
	enum err e = run(r, room, message);

	if (e == OK)
		return;
	db_rollback(r->db);
	r->notices = NULL; /* of what did not happen */
	log_info("message %" PRIu64 " of room %" PRIu64 ": notifications come later: %s", message,
	    room, err_info(e)->slug);
}

void
alerts_run(struct req *r, uint64_t room, uint64_t message)
{
	notify_flush(r);
	CRASH_POINT("api.before_alert");
	attempt(r, room, message);
}

bool
alerts_step(struct req *r)
{
	json_t *row;

	if (db_ready(r->db) != OK || sql_alert_next(r, &row) != OK)
		return false;
	attempt(r, row_id(row, "room"), row_id(row, "message"));
	notify_flush(r);
	return true;
}
