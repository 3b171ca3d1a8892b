/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/webhooks: addresses to which the courier posts what happens in a room
 * (webhookpost.c). The host makes and changes them, moderators see them.
 *
 * Somebody answers for each: who made it or took it over. When they leave the room or are removed
 * it stops (members.c), because it reads on for them. Its secret is told once. No event tells of a
 * webhook: the log is read by all members, and an address may be a secret itself.
 */
#include "webhooks.h"

#include "db.h"
#include "fetcher.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "sql.h"
#include "stream.h"

#define WEBHOOKS_MAX 10 /* per room */
#define URL_MAX      500
#define EVENTS_MAX   32
#define EVENT_MAX    40

struct webhook_in {
	const char *url;
	json_t *events;
};

static const struct field webhook_fields[] = {
    TEXT_FIELD(struct webhook_in, url, 1, URL_MAX, FIELD_REQUIRED | FIELD_BYTES),
    LIST_FIELD(struct webhook_in, events, EVENTS_MAX, EVENT_MAX, FIELD_REQUIRED),
    END_FIELD,
};

struct change_in {
	const char *url;
	json_t *events;
	int64_t active;
};

static const struct field change_fields[] = {
    TEXT_FIELD(struct change_in, url, 1, URL_MAX, FIELD_BYTES),
    LIST_FIELD(struct change_in, events, EVENTS_MAX, EVENT_MAX, 0),
    BOOL_FIELD(struct change_in, active, 0),
    END_FIELD,
};

enum err
webhooks_require_courier(struct req *r)
{
	return r->conf->room_webhooks
		   ? OK
		   : req_fail(r, ERR_FORBIDDEN, "this server posts no webhooks of rooms");
}

enum err
webhooks_find(struct req *r, enum rank rank, json_t **webhook)
{
	json_t *row;

	TRY(rooms_find(r, req_id(r, "room"), &row));
	TRY(rooms_require_rank(r, row, rank));
	return sql_webhook_get(r, req_id(r, "room"), req_id(r, "webhook"), webhook);
}

enum err
webhooks_hold(struct req *r, enum rank rank, json_t **webhook)
{
	TRY(stream_hold(r, WIRE_ROOM, req_id(r, "room")));
	return webhooks_find(r, rank, webhook);
}

static enum err
check_url(struct req *r, const char *url)
{
	const char *problem = fetcher_url_problem(url, r->conf->outbound_allow);

	return problem == NULL ? OK : req_invalid(r, "url", problem);
}

/* The names of events as they are stored. */
static enum err
check_events(struct req *r, const json_t *events, const char **out)
{
	const json_t *event;
	size_t i;

	if (json_array_size(events) == 0)
		return req_invalid(r, "events", "names no event");
	json_array_foreach (events, i, event) {
		if (!event_is_known(json_string_value(event)))
			return req_invalid(r, "events", "has a name that no event has");
	}
	return req_dump(r, events, out);
}

/* Answers the new webhook with its secret, in the form of the specification (standardwebhooks.com).
 */
static enum err
reply_new(struct req *r, uint64_t room, const unsigned char secret[WEBHOOKS_SECRET])
{
	char text[CRYPT_B64_SIZE(WEBHOOKS_SECRET)];
	json_t *webhook;

	TRY(sql_webhook_get(r, room, db_insert_id(r->db), &webhook));
	crypt_base64(secret, WEBHOOKS_SECRET, text);
	(void)json_object_set_new(
	    webhook, "secret", json_string(arena_printf(&r->mem, "whsec_%s", text)));
	return req_reply(r, 201, json_incref(webhook));
}

/* A new webhook: 201 with it. What happens from here on is posted. */
enum err
webhooks_create(struct req *r)
{
	uint64_t room = req_id(r, "room");
	unsigned char secret[WEBHOOKS_SECRET];
	char stored[CRYPT_B64_SIZE(WEBHOOKS_SECRET)];
	const char *events;
	struct stream_pos head;
	struct webhook_in in;
	json_t *row;

	TRY(req_read(r, webhook_fields, &in));
	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(rooms_find(r, room, &row));
	TRY(rooms_require_rank(r, row, RANK_HOST));
	TRY(webhooks_require_courier(r));
	TRY(check_url(r, in.url));
	TRY(check_events(r, in.events, &events));
	TRY(sql_webhook_count(r, room, &row));
	if (row_id(row, "n") >= WEBHOOKS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d webhooks to a room", WEBHOOKS_MAX);
	TRY(stream_head(r, WIRE_ROOM, room, &head));
	crypt_random(secret, sizeof(secret));
	crypt_b64(secret, sizeof(secret), stored);
	TRY(sql_webhook_insert(r, room, r->user, in.url, stored, events, head.seq, NULL));
	return reply_new(r, room, secret);
}

/* The webhooks of a room, the eldest first. There are never more than fit on a page. */
enum err
webhooks_list(struct req *r)
{
	json_t *row, *rows;

	TRY(rooms_find(r, req_id(r, "room"), &row));
	TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	TRY(sql_webhooks_list(r, req_id(r, "room"), &rows));
	return req_reply(r, 200, json_pack("{s:O, s:n}", "webhooks", rows, "next"));
}

/* Stops it, or lets it go on with what happens from here on; whoever does that answers for it. */
static enum err
set_active(struct req *r, const json_t *webhook, bool active)
{
	bool is = strcmp(row_text(webhook, "state"), "active") == 0;
	struct stream_pos head;

	if (is == active)
		return OK;
	if (!active)
		return sql_webhook_pause(r, row_id(webhook, "id"), NULL);
	TRY(stream_head(r, WIRE_ROOM, row_id(webhook, "room"), &head));
	return sql_webhook_resume(r, row_id(webhook, "id"), r->user, head.seq, NULL);
}

/* Changes a webhook: 200 with it. */
enum err
webhooks_update(struct req *r)
{
	const char *events = NULL;
	struct change_in in;
	json_t *webhook;

	TRY(req_read(r, change_fields, &in));
	TRY(webhooks_hold(r, RANK_HOST, &webhook));
	if (in.url != NULL)
		TRY(check_url(r, in.url));
	if (in.events != NULL)
		TRY(check_events(r, in.events, &events));
	if (in.active != FIELD_ABSENT)
		TRY(set_active(r, webhook, in.active != 0));
	TRY(sql_webhook_update(r, row_id(webhook, "id"), in.url, events, clock_wall(), NULL));
	TRY(sql_webhook_get(r, row_id(webhook, "room"), row_id(webhook, "id"), &webhook));
	return req_reply(r, 200, json_incref(webhook));
}

/* Deletes a webhook, with what waits for it: 204. */
enum err
webhooks_delete(struct req *r)
{
	json_t *webhook;

	TRY(webhooks_hold(r, RANK_HOST, &webhook));
	TRY(sql_webhook_delete(r, row_id(webhook, "id"), NULL));
	return req_reply(r, 204, NULL);
}
