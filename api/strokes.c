/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/strokes: what the members of a room have drawn on its whiteboard. A long line
 * comes in pieces while it is drawn: each is a stroke of its own that names the first one (`line`),
 * and they go together.
 *
 * The plane is fixed, and colours have names: how large it is and how a colour looks is up to
 * whoever shows it.
 */
#include "strokes.h"

#include "db.h"
#include "members.h"
#include "notices.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define POINTS_MAX     256
#define PLANE_WIDTH    4096
#define PLANE_HEIGHT   2560
#define WIDTH_MAX      64
#define STROKES_WINDOW 60  /* seconds */
#define STROKES_OFTEN  600 /* in a window, by one person: quick writing has some 300 */

struct stroke_in {
	const char *client_id;
	const char *color;
	int64_t width;
	int64_t line;
};

static const struct field stroke_fields[] = {
    TEXT_FIELD(struct stroke_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    WORD_FIELD(
	struct stroke_in, color, "black|gray|red|orange|green|blue|purple|brown", FIELD_REQUIRED),
    INT_FIELD(struct stroke_in, width, 1, WIDTH_MAX, FIELD_REQUIRED),
    INT_FIELD(struct stroke_in, line, 1, INT64_MAX, 0),
    END_FIELD,
};

/* ---- reading ---- */

static bool
is_coordinate(const json_t *value, json_int_t end)
{
	return json_is_integer(value) && json_integer_value(value) >= 0 &&
	       json_integer_value(value) < end;
}

static bool
is_point(const json_t *point)
{
	return json_is_array(point) && json_array_size(point) == 2 &&
	       is_coordinate(json_array_get(point, 0), PLANE_WIDTH) &&
	       is_coordinate(json_array_get(point, 1), PLANE_HEIGHT);
}

/* Takes the points out of the body, as text. */
static enum err
read_points(struct req *r, json_t *body, const char **out)
{
	json_t *points = req_own(r, json_incref(json_object_get(body, "points"))), *point;
	size_t i;

	if (points == NULL)
		return req_invalid(r, "points", "is required");
	(void)json_object_del(body, "points");
	if (!json_is_array(points) || json_array_size(points) < 1 ||
	    json_array_size(points) > POINTS_MAX)
		return req_invalid(r, "points", "must be a list of 1 to 256 points");
	json_array_foreach (points, i, point) {
		if (!is_point(point))
			return req_invalid(
			    r, "points", "must be [x, y], whole numbers below 4096 and 2560");
	}
	return req_dump(r, points, out);
}

static enum err
read_stroke(struct req *r, struct stroke_in *in, const char **points)
{
	json_t *body = NULL;

	TRY(req_json(r, &body));
	TRY(read_points(r, body, points));
	return req_fields(r, stroke_fields, body, in);
}

/* In the order in which they were drawn, with the room's seq up to which they are told. */
enum err
strokes_list(struct req *r)
{
	struct stream_pos head;
	struct page page;
	uint64_t floor;
	json_t *rows, *row;

	TRY(page_read(r, 0, &page));
	TRY(stream_head(r, WIRE_ROOM, req_id(r, "room"), &head));
	TRY(rooms_require(r, head.id, &row));
	if ((floor = row_id(row, "floor")) > page.cursor)
		page.cursor = floor; /* what the room forgets, nobody sees */
	TRY(sql_strokes_list(r, head.id, page.cursor, (int64_t)page.limit + 1, &rows));
	TRY(page_reply(r, "strokes", rows, &page, "id"));
	(void)json_object_set_new(r->answer, "seq", json_integer((json_int_t)head.seq));
	return OK;
}

/* ---- drawing ---- */

/* Holds the board for a member who may draw there. */
static enum err
hold(struct req *r, struct stream_pos *at, json_t **room)
{
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	TRY(rooms_require(r, at->id, room));
	TRY(rooms_require_reader(*room));
	return members_require_voice(r, at->id);
}

/* The first stroke of the line: a new one, unless it goes on with one of the asker's. */
static enum err
find_line(struct req *r, const struct stream_pos *at, const struct stroke_in *in, uint64_t *line)
{
	json_t *first;
	enum err e;

	*line = at->seq;
	if (in->line == FIELD_ABSENT)
		return OK;
	*line = (uint64_t)in->line;
	e = sql_stroke_get(r, at->id, *line, &first);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK && row_id(first, "line") == *line && row_id(first, "author") == r->user)
		return OK;
	return req_invalid(r, "line", "is no line of yours");
}

static enum err
check_room_left(struct req *r, uint64_t room)
{
	json_t *row;

	TRY(sql_strokes_count(r, room, &row));
	if (row_id(row, "count") >= STROKES_MAX)
		return req_fail(r, ERR_LIMIT,
		    "at most %d strokes on a board; take some off, or clear it", STROKES_MAX);
	return throttle_take(
	    r, arena_printf(&r->mem, "strokes:%" PRIu64, r->user), STROKES_OFTEN, STROKES_WINDOW);
}

/* Draws: 201 with the stroke, also when it was drawn before. */
enum err
strokes_create(struct req *r)
{
	struct stream_pos at;
	struct stroke_in in;
	const char *points;
	uint64_t line;
	json_t *row;
	enum err e;

	TRY(read_stroke(r, &in, &points));
	TRY(hold(r, &at, &row));
	e = sql_stroke_known(r, at.id, r->user, in.client_id, &row);
	if (e == OK) {
		db_rollback(r->db); /* the same call again: no seq is used */
		return req_reply(r, 201, json_incref(row));
	}
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(find_line(r, &at, &in, &line));
	TRY(check_room_left(r, at.id));
	TRY(sql_stroke_insert(
	    r, at.id, at.seq, line, r->user, in.client_id, in.color, in.width, points, NULL));
	TRY(sql_stroke_get(r, at.id, at.seq, &row));
	TRY(stream_store(r, &at, EV_STROKE_CREATED, req_own(r, json_copy(row))));
	return req_reply(r, 201, json_incref(row));
}

/* ---- taking off ---- */

/* Takes off the line that a stroke is part of, one's own or by rank: 204. */
enum err
strokes_delete(struct req *r)
{
	json_t *room, *stroke, *gone;
	struct stream_pos at;

	TRY(hold(r, &at, &room));
	TRY(sql_stroke_get(r, at.id, req_id(r, "stroke"), &stroke));
	if (row_id(stroke, "author") != r->user)
		TRY(rooms_require_rank(r, room, RANK_MODERATOR));
	TRY(sql_strokes_delete_line(r, at.id, row_id(stroke, "line"), NULL));
	gone = req_own(r, json_pack("{s:I, s:O}", "room", (json_int_t)at.id, "line",
			      json_object_get(stroke, "line")));
	TRY(stream_store(r, &at, EV_STROKE_DELETED, gone));
	return req_reply(r, 204, NULL);
}

/* Takes off all: 204. Who may is as with what stands on top of the room; in a small one everybody,
 * or nobody could where the board is full. */
enum err
strokes_clear(struct req *r)
{
	struct stream_pos at;
	uint64_t cleared;
	json_t *room;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &room));
	TRY(notices_permit(r, room));
	TRY(sql_strokes_clear(r, at.id, &cleared));
	if (cleared == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 204, NULL);
	}
	TRY(stream_store(
	    r, &at, EV_STROKES_CLEARED, req_own(r, json_pack("{s:I}", "room", (json_int_t)at.id))));
	return req_reply(r, 204, NULL);
}

enum err
strokes_purge(
    struct req *r, uint64_t room, uint64_t user, int64_t seconds, int64_t limit, uint64_t *count)
{
	uint64_t first, last;
	json_t *range, *gone;

	*count = 0;
	TRY(sql_strokes_range(r, room, user, seconds, limit, &range));
	first = row_id(range, "first");
	if ((last = row_id(range, "last")) == 0)
		return OK;
	TRY(sql_strokes_erase(r, room, user, first, last, count));
	gone = json_pack("{s:I, s:I, s:I, s:I, s:I}", "room", (json_int_t)room, "user",
	    (json_int_t)user, "after", (json_int_t)first - 1, "until", (json_int_t)last, "count",
	    (json_int_t)*count);
	return stream_append(r, WIRE_ROOM, room, EV_STROKES_PURGED, req_own(r, gone));
}
