/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/events: everything durable that happened in a room, in order, as it was pushed.
 */
#include "messages.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "shared/event.h"
#include "sql.h"
#include "stream.h"

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
events_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), after, limit;
	json_t *row, *events, *messages, *head;

	TRY(req_query_number(r, "after", 0, PAGE_END, &after));
	TRY(req_query_number(r, "limit", EVENTS_DEFAULT, EVENTS_MAX, &limit));
	limit = limit == 0 ? 1 : limit;
	TRY(rooms_require(r, room, &row));
	TRY(sql_stream_head(r, WIRE_ROOM, room, &head));
	TRY(sql_events_after(r, WIRE_ROOM, room, after, (int64_t)limit, &events));
	TRY(messages_after(r, room, after, limit, &messages));
	return req_reply(r, 200,
	    json_pack("{s:o, s:O}", "events", merge(events, messages, limit), "head",
		json_object_get(head, "head")));
}
