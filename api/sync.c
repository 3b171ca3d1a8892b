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

struct answer {
	json_t *streams;
	uint64_t left;     /* events that still fit */
	const char *since; /* "" where the client knows nothing */
	struct events_want *wants;
	json_t **wanted; /* the streams of these */
	size_t n;
};

/* One stream whose head was just read: what is to be read of it goes to the wants. A client that
 * knows what is not there, or what it may see no more of, has to begin anew. */
static void
add_stream(struct req *r, struct answer *a, const json_t *row)
{
	struct events_want *w = &a->wants[a->n];
	const char *channel =
	    notify_channel(&r->mem, (enum wire_kind)row_id(row, "kind"), row_id(row, "id"));
	uint64_t head = row_id(row, "head");
	json_t *stream = json_object();
	uint64_t from = row_id(row, "seen_after");
	struct cursor c;

	(void)json_object_set_new(a->streams, channel, stream);
	(void)json_object_set_new(stream, "head", json_integer((json_int_t)head));
	if (!cursor_find(&r->mem, a->since, channel, &c))
		return;
	if (c.seq > head || c.seq < from) {
		(void)json_object_set_new(stream, "reload", json_true());
		return;
	}
	*w = (struct events_want){(enum wire_kind)row_id(row, "kind"), row_id(row, "id"), c.seq,
	    head - c.seq < a->left ? head : c.seq + a->left, from, c.mid, false, NULL};
	a->left -= w->until - w->after;
	(void)json_object_set_new(stream, "more", json_boolean(w->until < head));
	a->wanted[a->n++] = stream;
}

/* Where the event that the client knows is another one now, its history has changed. */
static void
add_events(const struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!a->wants[i].changed) {
			(void)json_object_set(a->wanted[i], "events", a->wants[i].events);
			continue;
		}
		(void)json_object_del(a->wanted[i], "more");
		(void)json_object_set_new(a->wanted[i], "reload", json_true());
	}
}

enum err
sync_get(struct req *r)
{
	struct answer a = {.streams = req_own(r, json_object()), .left = EVENTS_MAX, .since = ""};
	const char *since = query_value(&r->mem, str_of(r->query), "since");
	json_t *rows, *row;
	size_t i;

	if (since != NULL)
		a.since = since;
	TRY(sql_sync_heads(r, r->user, &rows));
	a.wants = arena_alloc(&r->mem, (json_array_size(rows) + 1) * sizeof(*a.wants));
	a.wanted = arena_alloc(&r->mem, (json_array_size(rows) + 1) * sizeof(json_t *));
	json_array_foreach (rows, i, row) {
		add_stream(r, &a, row);
	}
	if (a.n > 0)
		TRY(events_read_all(r, a.wants, a.n));
	add_events(&a);
	return req_reply(r, 200, json_pack("{s:O}", "streams", a.streams));
}
