/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include "shared/crypt.h"
#include "sql.h"

#include <inttypes.h>

enum err
stream_create(struct req *r, enum wire_kind kind, uint64_t id)
{
	return sql_stream_insert(r, kind, id, NULL);
}

/* A stream that is missing, with e. Of a room it is asked all the same who may know of it, as for
 * one that is there: how long the answer takes shall not tell them apart. */
static enum err
give_up(struct req *r, enum wire_kind kind, uint64_t id, enum err e)
{
	json_t *row;

	if (e != ERR_NOT_FOUND || kind != WIRE_ROOM)
		return e;
	e = sql_room_get(r, r->user, id, &row);
	return e == OK ? ERR_NOT_FOUND : e;
}

enum err
stream_next(struct req *r, enum wire_kind kind, uint64_t id, struct stream_pos *at)
{
	uint64_t mid = crypt_random64();
	json_t *row;
	enum err e = sql_stream_advance(r, kind, id, mid, &row);

	if (e != OK)
		return give_up(r, kind, id, e);
	*at = (struct stream_pos){kind, id, row_id(row, "seq"), mid, row_id(row, "prev")};
	return OK;
}

enum err
stream_hold(struct req *r, enum wire_kind kind, uint64_t id)
{
	json_t *row;
	enum err e = sql_stream_hold(r, kind, id, &row);

	return e == OK ? OK : give_up(r, kind, id, e);
}

enum err
stream_head(struct req *r, enum wire_kind kind, uint64_t id, struct stream_pos *at)
{
	json_t *row;
	enum err e = sql_stream_head(r, kind, id, &row);

	if (e != OK)
		return give_up(r, kind, id, e);
	*at = (struct stream_pos){kind, id, row_id(row, "head"), row_id(row, "mid"), 0};
	return OK;
}

static void
set_place(json_t *data, const struct stream_pos *at)
{
	(void)json_object_set_new(data, "seq", json_integer((json_int_t)at->seq));
	(void)json_object_set_new(data, "mid", json_sprintf("%" PRIu64, at->mid));
}

enum err
stream_store(struct req *r, const struct stream_pos *at, enum event ev, json_t *data)
{
	const char *text;

	set_place(data, at);
	TRY(req_dump(r, data, &text));
	TRY(sql_event_insert(r, at->kind, at->id, at->seq, at->mid, event_name(ev), text, 0, NULL));
	notify_event(r, at, ev, data);
	return OK;
}

enum err
stream_store_change(
    struct req *r, const struct stream_pos *at, enum event ev, json_t *data, uint64_t target)
{
	set_place(data, at);
	TRY(sql_event_insert(
	    r, at->kind, at->id, at->seq, at->mid, event_name(ev), "null", target, NULL));
	notify_event(r, at, ev, data);
	return OK;
}

enum err
stream_append(struct req *r, enum wire_kind kind, uint64_t id, enum event ev, json_t *data)
{
	struct stream_pos at;

	TRY(stream_next(r, kind, id, &at));
	return stream_store(r, &at, ev, data);
}

enum err
stream_end_session(struct req *r, uint64_t user, uint64_t session)
{
	json_t *data =
	    json_pack("{s:I, s:I}", "user", (json_int_t)user, "session", (json_int_t)session);

	return stream_append(r, WIRE_SYSTEM, 0, EV_SESSION_ENDED, req_own(r, data));
}
