/* SPDX-License-Identifier: MIT */
/* See retention.h; the feeder calls it when nobody asks it for anything. It goes round the rooms
 * that forget, rests, and begins again. */
#include "retention.h"

#include "db.h"
#include "shared/clock.h"
#include "sql.h"

#define STEP    500 /* events, and rows of each table: about 10 ms */
#define REST_MS 2000

static struct {
	int64_t days; /* the room that was looked at last: its place in the key */
	uint64_t room;
	int64_t rest_until; /* monotonic */
} round_trip = {.room = UINT64_MAX};

/* How far the floor may be raised: over what is older than so many days, and not over the last
 * event, by which clients know where they are. */
static enum err
find_floor(struct req *r, const json_t *room, uint64_t *floor)
{
	uint64_t head = row_id(room, "head"), last = *floor + STEP, young;
	json_t *row;

	if (last + 1 > head)
		last = head == 0 ? 0 : head - 1;
	if (last <= *floor)
		return OK;
	TRY(sql_retention_young(
	    r, row_id(room, "id"), (int64_t)row_id(room, "retention"), *floor, last, &row));
	young = row_id(row, "young");
	*floor = young == 0 ? last : young - 1;
	return OK;
}

/* Hides what is to be erased. The room's stream is held meanwhile: who saw the lower floor and does
 * something to an old message, a reaction, has done it before this commits. */
static enum err
raise_floor(struct req *r, const json_t *room, uint64_t floor)
{
	json_t *row;

	TRY(db_begin(r->db));
	TRY(sql_retention_hold(r, row_id(room, "id"), &row));
	TRY(sql_retention_raise(
	    r, row_id(room, "id"), (int64_t)row_id(room, "retention"), floor, NULL));
	TRY(sql_retention_search(r, row_id(room, "id"), floor, NULL));
	return db_commit(r->db);
}

/* Erases some of what lies below the floor. */
static enum err
erase(struct req *r, uint64_t room, uint64_t floor, uint64_t *erased)
{
	static enum err (*const kinds[])(struct req *, uint64_t, uint64_t, int64_t, uint64_t *) = {
	    sql_retention_messages, sql_retention_events, sql_retention_reactions,
	    sql_retention_hidden, sql_retention_mentions, sql_retention_threads,
	    sql_retention_revisions, sql_retention_votes, sql_retention_notifications,
	    sql_retention_attachments, sql_retention_strokes};
	uint64_t n;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		TRY(kinds[i](r, room, floor, STEP, &n));
		*erased += n;
	}
	TRY(sql_retention_polls(r, room, floor, NULL));
	return sql_retention_pins(r, room, floor, NULL);
}

/* One room; *more: there is more to do in it. */
static enum err
look_at(struct req *r, const json_t *room, bool *more)
{
	uint64_t floor = row_id(room, "floor"), erased = 0;

	if (floor > 0)
		TRY(erase(r, row_id(room, "id"), floor, &erased));
	*more = erased > 0;
	if (*more)
		return OK;
	TRY(find_floor(r, room, &floor));
	*more = floor > row_id(room, "floor");
	return *more ? raise_floor(r, room, floor) : OK;
}

bool
retention_step(struct req *r)
{
	bool more = false;
	json_t *room;
	enum err e;

	if (clock_mono() < round_trip.rest_until || db_ready(r->db) != OK)
		return false;
	e = sql_retention_next(r, round_trip.days, round_trip.room, &room);
	if (e == ERR_NOT_FOUND) {
		round_trip.days = 0;
		round_trip.room = UINT64_MAX;
		round_trip.rest_until = clock_mono() + REST_MS;
	}
	if (e != OK)
		return false;
	e = look_at(r, room, &more);
	db_rollback(r->db);
	if (e == OK && more)
		return true;
	round_trip.days = (int64_t)row_id(room, "retention");
	round_trip.room = row_id(room, "id");
	return true;
}
