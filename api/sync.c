/* SPDX-License-Identifier: MIT */
/* /v1/sync: all of the asker's streams at once, for a client that was away.
 *
 * `since` lists what the client knows, channel:seq or channel:seq:mid separated by commas. For each
 * of these the answer has the events after that seq, for the asker's other streams only the head:
 *
 *   {"streams": {"presence-room-7": {"head": 12, "events": [...], "more": false}, "lobby": {...}}}
 *
 * The events of one answer are limited; `more` says where some are left. Where the event with that
 * seq is another one, or does not exist, `reload` is true instead: the history has changed.
 */
#include "cursor.h"
#include "events.h"
#include "notify.h"
#include "query.h"
#include "route.h"
#include "sql.h"

#define EVENTS_MAX 1000 /* in one answer */

struct answer {
	json_t *streams;
	uint64_t left;     /* events that still fit */
	const char *since; /* "" where the client knows nothing */
};

/* Whether the client's last event is still what it was, and it may see all that came after. */
static enum err
check_cursor(struct req *r, const struct cursor *c, const struct stream_pos *head, uint64_t from)
{
	json_t *row;

	if (c->seq > head->seq || c->seq < from)
		return ERR_RELOAD;
	if (c->mid == NULL || c->seq == 0)
		return OK;
	TRY(sql_event_mid(r, head->kind, head->id, c->seq, &row));
	return strcmp(row_text(row, "mid"), c->mid) == 0 ? OK : ERR_RELOAD;
}

/* Adds what came after the cursor. */
static enum err
add_events(struct req *r, struct answer *a, json_t *stream, const struct cursor *c,
    const struct stream_pos *head, uint64_t from)
{
	json_t *events = req_own(r, json_array());
	enum err e = check_cursor(r, c, head, from);

	if (e == ERR_RELOAD || e == ERR_NOT_FOUND) {
		(void)json_object_set_new(stream, "reload", json_true());
		return OK;
	}
	TRY(e);
	if (c->seq < head->seq && a->left > 0)
		TRY(events_read(r, head->kind, head->id, c->seq, head->seq, a->left, &events));
	events_veil(events, from);
	a->left -= json_array_size(events);
	(void)json_object_set(stream, "events", events);
	(void)json_object_set_new(
	    stream, "more", json_boolean(c->seq + json_array_size(events) < head->seq));
	return OK;
}

/* One stream whose head was just read. Only a cursor below it costs another question. */
static enum err
add_stream(struct req *r, struct answer *a, const json_t *row)
{
	const struct stream_pos head = {
	    (enum wire_kind)row_id(row, "kind"), row_id(row, "id"), row_id(row, "head"), 0, 0};
	const char *channel = notify_channel(&r->mem, head.kind, head.id);
	json_t *stream = json_object();
	struct cursor c;

	(void)json_object_set_new(a->streams, channel, stream);
	(void)json_object_set_new(stream, "head", json_integer((json_int_t)head.seq));
	if (!cursor_find(&r->mem, a->since, channel, &c))
		return OK;
	return add_events(r, a, stream, &c, &head, row_id(row, "seen_after"));
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
	json_array_foreach (rows, i, row)
		TRY(add_stream(r, &a, row));
	return req_reply(r, 200, json_pack("{s:O}", "streams", a.streams));
}
