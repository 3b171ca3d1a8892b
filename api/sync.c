/* SPDX-License-Identifier: MIT */
/* /v1/sync: all of the asker's streams at once, for a client that was away.
 *
 * `since` lists what the client knows, channel:seq separated by commas. For each of these the
 * answer has the events after that seq, for the asker's other streams only the head:
 *
 *   {"streams": {"presence-room-7": {"head": 12, "events": [...], "more": false}, "lobby": {...}}}
 *
 * The events of one answer are limited; `more` says where some are left.
 */
#include "events.h"
#include "notify.h"
#include "query.h"
#include "route.h"
#include "sql.h"

#include <errno.h>
#include <stdlib.h>

#define EVENTS_MAX 1000 /* in one answer */

struct answer {
	json_t *streams;
	uint64_t left;     /* events that still fit */
	const char *since; /* "" where the client knows nothing */
};

/* The seq that the client has of a channel; false if it does not name it. */
static bool
known_seq(const char *since, const char *channel, uint64_t *seq)
{
	size_t n = strlen(channel);

	while (*since != '\0') {
		size_t len = strcspn(since, ",");

		if (len > n + 1 && strncmp(since, channel, n) == 0 && since[n] == ':' &&
		    since[n + 1] >= '0' && since[n + 1] <= '9') {
			errno = 0;
			*seq = strtoull(since + n + 1, NULL, 10);
			return errno == 0;
		}
		since += len + (since[len] == ',');
	}
	return false;
}

/* One stream whose head was just read. Only a cursor below it costs another question. */
static enum err
add_stream(struct req *r, struct answer *a, enum wire_kind kind, uint64_t id, uint64_t head)
{
	const char *channel = notify_channel(&r->mem, kind, id);
	json_t *stream = json_object(), *events = NULL;
	uint64_t seq;

	(void)json_object_set_new(a->streams, channel, stream);
	if (known_seq(a->since, channel, &seq)) {
		if (seq < head && a->left > 0)
			TRY(events_read(r, kind, id, seq, a->left, &events, &head));
		else
			events = req_own(r, json_array());
		a->left -= json_array_size(events);
		(void)json_object_set(stream, "events", events);
		(void)json_object_set_new(
		    stream, "more", json_boolean(seq + json_array_size(events) < head));
	}
	(void)json_object_set_new(stream, "head", json_integer((json_int_t)head));
	return OK;
}

enum err
sync_get(struct req *r)
{
	struct answer a = {req_own(r, json_object()), EVENTS_MAX, ""};
	const char *since = query_value(&r->mem, str_of(r->query), "since");
	json_t *rows, *row;
	size_t i;

	if (since != NULL)
		a.since = since;
	TRY(sql_sync_heads(r, r->user, &rows));
	json_array_foreach (rows, i, row) {
		TRY(add_stream(r, &a, (enum wire_kind)row_id(row, "kind"), row_id(row, "id"),
		    row_id(row, "head")));
	}
	return req_reply(r, 200, json_pack("{s:O}", "streams", a.streams));
}
