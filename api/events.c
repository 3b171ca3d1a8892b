/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/events and /v1/users/me/events: everything durable that happened in a stream, in
 * order, as it was pushed. A message that was changed since appears as it is now: its rev tells.
 */
#include "events.h"

#include "blocks.h"
#include "page.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "shared/event.h"
#include "shared/veil.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

#define EVENTS_DEFAULT 100
#define PLACES_SIZE    (64U << 10)

static json_t *
from_message(json_t *message)
{
	return json_pack("{s:O, s:O, s:s, s:O}", "seq", json_object_get(message, "seq"), "mid",
	    json_object_get(message, "mid"), "type", event_name(EV_MESSAGE_CREATED), "data",
	    message);
}

/* The data of an event that changed a message: the message as it is now. */
static json_t *
from_change(const json_t *row)
{
	json_t *message = json_object(), *value;
	const char *name;

	json_object_foreach ((json_t *)(uintptr_t)row, name, value) {
		if (strncmp(name, "m_", 2) == 0)
			(void)json_object_set(message, name + 2, value);
	}
	return json_pack("{s:O, s:o, s:O, s:O}", "room", json_object_get(message, "room"),
	    "message", message, "seq", json_object_get(row, "seq"), "mid",
	    json_object_get(row, "mid"));
}

/* The same where the message was erased after some days, but not yet what happened to it. */
static json_t *
from_erased(const json_t *row)
{
	json_t *room = json_object_get(row, "stream");

	return json_pack("{s:O, s:{s:O, s:O, s:b}, s:O, s:O}", "room", room, "message", "room",
	    room, "seq", json_object_get(row, "target"), "hidden", 1, "seq",
	    json_object_get(row, "seq"), "mid", json_object_get(row, "mid"));
}

static json_t *
data_of(const json_t *row)
{
	if (json_object_get(row, "m_seq") != NULL)
		return from_change(row);
	if (json_object_get(row, "target") != NULL)
		return from_erased(row);
	return json_incref(json_object_get(row, "data"));
}

/* An event as clients know it, from its row. */
static json_t *
from_event(json_t *row)
{
	return json_pack("{s:O, s:O, s:O, s:o}", "seq", json_object_get(row, "seq"), "mid",
	    json_object_get(row, "mid"), "type", json_object_get(row, "type"), "data",
	    data_of(row));
}

/* Messages live in a table of their own: two ordered lists become one. */
static json_t *
merge(json_t *events, json_t *messages, uint64_t limit)
{
	size_t e = 0, m = 0;
	json_t *out = json_array();

	while (json_array_size(out) < limit) {
		json_t *event = json_array_get(events, e), *message = json_array_get(messages, m);

		if (event == NULL && message == NULL)
			break;
		if (message == NULL ||
		    (event != NULL && row_id(event, "seq") < row_id(message, "seq"))) {
			(void)json_array_append_new(out, from_event(event));
			e++;
		} else {
			(void)json_array_append_new(out, from_message(message));
			m++;
		}
	}
	return out;
}

enum err
events_read(struct req *r, enum wire_kind kind, uint64_t stream, uint64_t after, uint64_t until,
    uint64_t limit, json_t **events)
{
	json_t *messages = NULL;

	TRY(sql_events_after(r, kind, stream, after, until, (int64_t)limit, events));
	if (kind == WIRE_ROOM)
		TRY(sql_messages_between(r, stream, after, until, (int64_t)limit, &messages));
	*events = req_own(r, merge(*events, messages, limit));
	return kind == WIRE_ROOM ? blocks_veil_events(r, *events) : OK;
}

void
events_veil(json_t *events, uint64_t from)
{
	json_t *event;
	size_t i;

	json_array_foreach (events, i, event) {
		const json_t *data = json_object_get(event, "data");
		uint64_t target = veil_target(data);

		if (target != 0 && target <= from)
			(void)json_object_set_new(event, "data", veil_data(data));
	}
}

/* ---- of many streams ---- */

/* Whether the mids that were given are still those of the events. */
static enum err
check_mids(struct req *r, struct events_want *wants, size_t n)
{
	struct buf *places = req_buf(r, PLACES_SIZE);
	json_t *rows, *row;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct events_want *w = &wants[i];

		wants[i].changed = w->mid != NULL && w->after > 0;
		if (wants[i].changed)
			buf_printf(places, "%c[%zu,%u,%" PRIu64 ",%" PRIu64 "]",
			    places->n == 0 ? '[' : ',', i, (unsigned)w->kind, w->stream, w->after);
	}
	if (places->n == 0)
		return OK;
	buf_addstr(places, "]");
	TRY(sql_event_mids(r, arena_strndup(&r->mem, places->p, places->n), &rows));
	json_array_foreach (rows, i, row) {
		struct events_want *w = &wants[row_id(row, "n")];

		w->changed = w->changed && strcmp(row_text(row, "mid"), w->mid) != 0;
	}
	return OK;
}

/* How many events of this are still to be read. */
static uint64_t
size_of(const struct events_want *w)
{
	return w->changed ? 0 : w->until - w->after;
}

/* Where the events are that were not found yet, in rooms or (rooms false) in all streams; NULL if
 * there are none. Each has the number of its place in `found`. */
static const char *
places_of(struct req *r, const struct events_want *wants, size_t n, bool rooms, const json_t *found)
{
	struct buf *out = req_buf(r, PLACES_SIZE);
	size_t place = 0;

	for (size_t i = 0; i < n; place += size_of(&wants[i++])) {
		const struct events_want *w = &wants[i];

		for (uint64_t k = 0; k < size_of(w) && (w->kind == WIRE_ROOM || !rooms); k++)
			if (json_is_null(json_array_get(found, place + k)))
				buf_printf(out, "%c[%zu,%u,%" PRIu64 ",%" PRIu64 "]",
				    out->n == 0 ? '[' : ',', place + k, (unsigned)w->kind,
				    w->stream, w->after + 1 + k);
	}
	if (out->n == 0)
		return NULL;
	buf_addch(out, ']');
	return arena_strndup(&r->mem, out->p, out->n);
}

/* Puts events where they belong; their rows say no more where that is. */
static void
put_at(json_t *found, json_t *rows, json_t *(*make)(json_t *))
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		size_t n = row_id(row, "n");

		(void)json_object_del(row, "n");
		(void)json_array_set_new(found, n, make(row));
	}
}

/* All that is wanted, one after the other, null where there is nothing. Most of it are messages, so
 * only where there is none events are looked for. */
static enum err
find_all(struct req *r, const struct events_want *wants, size_t n, json_t *found)
{
	const char *places;
	json_t *rows;

	for (size_t i = 0; i < n; i++)
		for (uint64_t k = 0; k < size_of(&wants[i]); k++)
			(void)json_array_append_new(found, json_null());
	if ((places = places_of(r, wants, n, true, found)) != NULL) {
		TRY(sql_messages_at(r, places, &rows));
		put_at(found, rows, from_message);
	}
	if ((places = places_of(r, wants, n, false, found)) != NULL) {
		TRY(sql_events_at(r, places, &rows));
		put_at(found, rows, from_event);
	}
	return OK;
}

enum err
events_read_all(struct req *r, struct events_want *wants, size_t n)
{
	json_t *found = req_own(r, json_array()), *all = req_own(r, json_array()), *event;
	size_t place = 0;

	TRY(check_mids(r, wants, n));
	TRY(find_all(r, wants, n, found));
	for (size_t i = 0; i < n; i++) {
		wants[i].events = req_own(r, json_array());
		for (uint64_t k = 0; k < size_of(&wants[i]); k++) {
			event = json_array_get(found, place++);
			if (!json_is_null(event))
				(void)json_array_append(wants[i].events, event);
		}
		if (wants[i].kind == WIRE_ROOM)
			(void)json_array_extend(all, wants[i].events);
	}
	TRY(blocks_veil_events(r, all));
	for (size_t i = 0; i < n; i++)
		events_veil(wants[i].events, wants[i].from);
	return OK;
}

/* Whether the asker's last event is still what it was. It is not after the restore of a backup, or
 * if a crash took what was read before it was safe: then seqs are given out a second time. */
static enum err
check_mid(struct req *r, enum wire_kind kind, uint64_t stream, uint64_t after)
{
	const char *mid = query_value(&r->mem, str_of(r->query), "mid");
	json_t *row;
	enum err e;

	if (mid == NULL || after == 0)
		return OK;
	e = sql_event_mid(r, kind, stream, after, &row);
	if (e == ERR_NOT_FOUND || (e == OK && strcmp(row_text(row, "mid"), mid) != 0))
		return ERR_RELOAD;
	return e;
}

/* from: the asker sees only what came after that seq; a client that knows less has to load anew. */
static enum err
reply_events(struct req *r, const struct stream_pos *head, uint64_t from)
{
	uint64_t after, limit;
	json_t *events;

	TRY(req_query_number(r, "after", 0, PAGE_END, &after));
	TRY(req_query_number(r, "limit", EVENTS_DEFAULT, EVENTS_MAX, &limit));
	if (after > 0 && after < from)
		return ERR_RELOAD;
	after = after < from ? from : after;
	TRY(check_mid(r, head->kind, head->id, after));
	TRY(events_read(
	    r, head->kind, head->id, after, head->seq, limit == 0 ? 1 : limit, &events));
	events_veil(events, from);
	return req_reply(
	    r, 200, json_pack("{s:O, s:I}", "events", events, "head", (json_int_t)head->seq));
}

enum err
events_list(struct req *r)
{
	struct stream_pos head;
	json_t *row;

	TRY(stream_head(r, WIRE_ROOM, req_id(r, "room"), &head));
	TRY(rooms_require(r, req_id(r, "room"), &row));
	return reply_events(r, &head, row_id(row, "seen_after"));
}

enum err
events_list_mine(struct req *r)
{
	struct stream_pos head;

	TRY(stream_head(r, WIRE_USER, r->user, &head));
	return reply_events(r, &head, 0);
}
