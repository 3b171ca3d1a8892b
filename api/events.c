/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/events: everything durable that happened in a room, in order, as it was pushed.
 */
#include "events.h"

#include "page.h"
#include "rooms.h"
#include "route.h"
#include "shared/event.h"
#include "sql.h"

#define EVENTS_DEFAULT 100
#define EVENTS_MAX     1000

static json_t *
from_message(json_t *message)
{
	return json_pack("{s:O, s:O, s:s, s:O}", "seq", json_object_get(message, "seq"), "mid",
	    json_object_get(message, "mid"), "type", event_name(EV_MESSAGE_CREATED), "data",
	    message);
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
			(void)json_array_append(out, event);
			e++;
		} else {
			(void)json_array_append_new(out, from_message(message));
			m++;
		}
	}
	return out;
}

enum err
events_read(struct req *r, enum wire_kind kind, uint64_t stream, uint64_t after, uint64_t limit,
    json_t **events, uint64_t *head)
{
	json_t *row, *messages = NULL;

	/* The head first: two statements see two moments, but what was committed up to this seq is
	 * there in both. */
	TRY(sql_stream_head(r, kind, stream, &row));
	*head = row_id(row, "head");
	TRY(sql_events_after(r, kind, stream, after, *head, (int64_t)limit, events));
	if (kind != WIRE_ROOM)
		return OK;
	TRY(sql_messages_between(r, stream, after, *head, (int64_t)limit, &messages));
	*events = req_own(r, merge(*events, messages, limit));
	return OK;
}

enum err
events_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), after, limit, head;
	json_t *row, *events;

	TRY(req_query_number(r, "after", 0, PAGE_END, &after));
	TRY(req_query_number(r, "limit", EVENTS_DEFAULT, EVENTS_MAX, &limit));
	TRY(rooms_require(r, room, &row));
	TRY(events_read(r, WIRE_ROOM, room, after, limit == 0 ? 1 : limit, &events, &head));
	return req_reply(
	    r, 200, json_pack("{s:O, s:I}", "events", events, "head", (json_int_t)head));
}
