/* SPDX-License-Identifier: MIT */
/* Makes messages found (searchfind.h), soon after they were sent; sending knows nothing of it.
 *
 * A room's seqs have no gaps and commit in order, so one number per room, search_room.seq, says
 * what is indexed. The index consists of segments. What is new becomes a small one; eight of a size
 * are merged into a larger one (merge.c), which is made anew from the messages as they then are:
 * what was deleted meanwhile does not come along. A crash leaves a segment that nobody finds, and
 * that is erased. An index that is missing, as after an upgrade, is made in the same way.
 */
#include "courier.h"
#include "db.h"
#include "merge.h"
#include "shared/crash.h"
#include "sql.h"

#include <inttypes.h>

#define WINDOW_MIN    2000   /* rooms that are looked at in a turn */
#define WINDOW_MAX    20000  /* about 20 ms */
#define WINDOWS       8      /* turns in which all rooms are looked at, if they are not too many */
#define ROOMS         200    /* of a turn, with something new in them */
#define ROOM_MESSAGES 1000   /* that one of them may have in it, so that the others need not wait */
#define POSTINGS      200000 /* of a turn, about 4,000 messages and half a second */
#define IDLE_MS       200

/* Of the one process that runs this. */
static struct {
	uint64_t after;        /* rooms up to this one were looked at */
	int64_t window, round; /* rooms of a turn, and since the last time that all were */
	struct merge merge;
} state = {.window = WINDOW_MIN};

/* What happened to messages that are indexed already: their segments have to be written anew. */
static enum err
read_changes(struct req *r, uint64_t room, uint64_t seen, uint64_t last)
{
	json_t *events, *event;
	uint64_t first, until;
	size_t i;

	TRY(sql_indexer_changes(r, room, seen, last, &events));
	json_array_foreach (events, i, event) {
		const json_t *data = json_object_get(event, "data");
		bool purged = strcmp(row_text(event, "type"), "messages.purged") == 0;

		first = purged ? row_id(data, "after") + 1 : row_id(event, "target");
		until = purged ? row_id(data, "until") : first;
		TRY(sql_indexer_stale(r, room, first, until, NULL));
	}
	return OK;
}

/* Adds messages until there is enough for this turn. Returns how many. */
static size_t
add_all(struct searchbuild *b, uint64_t room, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)rows, i, row) {
		if (b->count > POSTINGS)
			break;
		searchbuild_add(b, room, row);
	}
	return i;
}

/* Adds what is new in a room, and to `reached` how far that is; *more: not all of it. */
static enum err
read_room(
    struct req *r, struct searchbuild *b, const json_t *moved, struct buf *reached, bool *more)
{
	uint64_t room = row_id(moved, "room"), seen = row_id(moved, "seq"),
		 last = row_id(moved, "head");
	json_t *rows, *edited;
	size_t n;

	TRY(sql_indexer_messages(r, room, seen + 1, last, ROOM_MESSAGES, &rows));
	if (seen > 0) {
		TRY(read_changes(r, room, seen, last));
		TRY(sql_indexer_edited(r, room, seen, last, &edited));
		(void)add_all(b, room, edited);
	}
	n = add_all(b, room, rows);
	*more = n == ROOM_MESSAGES || n < json_array_size(rows);
	if (*more && n == 0)
		return OK;
	if (*more)
		last = row_id(json_array_get(rows, n - 1), "seq");
	buf_printf(reached, "%s[%" PRIu64 ",%" PRIu64 "]", reached->n == 0 ? "[" : ",", room, last);
	return OK;
}

static enum err
publish(struct req *r, struct searchbuild *b, const struct buf *reached)
{
	bool more = b->count > 0;

	if (more)
		TRY(searchbuild_begin(b, r));
	while (more)
		TRY(searchbuild_write(b, r, &more));
	TRY(db_begin(r->db));
	if (b->count > 0)
		TRY(searchbuild_publish(b, r, "[]"));
	TRY(sql_indexer_reached(r, reached->p, NULL));
	CRASH_POINT("api.before_indexed");
	return db_commit(r->db);
}

/* Goes on behind a room; behind the last one all have been looked at, and it begins again. */
static void
advance(uint64_t after, uint64_t n, bool end)
{
	state.after = end ? 0 : after;
	state.round += (int64_t)n;
	if (!end)
		return;
	state.window = state.round / WINDOWS;
	state.window = state.window < WINDOW_MIN ? WINDOW_MIN : state.window;
	state.window = state.window > WINDOW_MAX ? WINDOW_MAX : state.window;
	state.round = 0;
}

/* Looks at some rooms; *more: there is more to do at once. */
static enum err
look(struct req *r, struct searchbuild *b, bool *more)
{
	struct buf *reached = req_buf(r, (size_t)ROOMS * 64);
	json_t *window, *rooms, *moved;
	bool left;
	size_t i;

	TRY(sql_indexer_window(r, state.after, state.window, &window));
	TRY(sql_indexer_moved(r, state.after, row_id(window, "last"), ROOMS, &rooms));
	*more = false;
	json_array_foreach (rooms, i, moved) {
		if (b->count > POSTINGS)
			break;
		TRY(read_room(r, b, moved, reached, &left));
		*more = *more || left;
	}
	*more = *more || i < json_array_size(rooms) || i == ROOMS;
	if (reached->n > 0) {
		buf_addch(reached, ']');
		TRY(publish(r, b, reached));
	}
	if (i == json_array_size(rooms) && i < ROOMS)
		advance(row_id(window, "last"), row_id(window, "n"),
		    (int64_t)row_id(window, "n") < state.window);
	else if (i > 0)
		advance(row_id(json_array_get(rooms, i - 1), "room"), 0, false);
	return OK;
}

static int
step(struct courier *c)
{
	struct searchbuild fresh = {0};
	bool more = false, merging = false;
	json_t *row;
	enum err e;

	if (db_ready(c->r.db) != OK || sql_indexer_claim(&c->r, &row) != OK ||
	    row_id(row, "mine") != 1)
		return IDLE_MS;
	e = look(&c->r, &fresh, &more);
	searchbuild_clear(&fresh);
	db_rollback(c->r.db);
	if (e == OK && (e = merge_step(&state.merge, &c->r, &merging)) != OK)
		merge_finish(&state.merge);
	db_rollback(c->r.db);
	return e == OK && (more || merging) ? 0 : IDLE_MS;
}

const struct errand errand_index = {"the indexer makes messages found", step};
