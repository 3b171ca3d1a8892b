/* SPDX-License-Identifier: MIT */
/* /v1/realtime: who may subscribe to which channel, and who somebody is. This is the one place that
 * decides it; maru-push only checks the signature. */
#include "blocks.h"
#include "cursor.h"
#include "incall.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "shared/channel.h"
#include "shared/claim.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "socketid.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

#define CHANNELS_MAX   100
#define STREAM_URI_MAX 7500 /* maru-push reads so much of a request */

struct wanted {
	const char *socket_id;
	const char *channel;
	const char *presence; /* channel_data, "" where there is none */
	bool quiet;           /* only listens, and is not shown as present */
	int64_t time;
	struct stream_pos head;
	uint64_t from; /* events up to this seq are not shown to the asker */
};

/* Whether others see that somebody is in a channel. */
enum sight { AS_THEY_APPEAR, UNSEEN, SEEN };

static enum sight
sight_of(const struct wanted *w)
{
	return w->quiet ? UNSEEN : AS_THEY_APPEAR;
}

/* What others get to know about this person, into a text that names it by `key`; more: further
 * members, or NULL. */
static enum err
describe(struct req *r, const char *key, json_t *more, enum sight sight, const char **out)
{
	json_t *user, *seen, *data = req_own(r, more == NULL ? json_object() : more);

	TRY(sql_user_get(r, r->user, &user));
	TRY(sql_presence_get(r, r->user, &seen));
	(void)json_object_set_new(data, key, json_sprintf("%" PRIu64, r->user));
	(void)json_object_set_new(data, "user_info",
	    json_pack("{s:O, s:O, s:O}", "name", json_object_get(user, "name"), "nickname",
		json_object_get(user, "nickname"), "avatar", json_object_get(user, "avatar")));
	if (sight == UNSEEN ||
	    (sight == AS_THEY_APPEAR && strcmp(row_text(seen, "appear"), "offline") == 0))
		(void)json_object_set_new(data, "hidden", json_true());
	return req_dump(r, data, out);
}

/* Whoever is in a call hears it, and is seen to be there whatever they appear as elsewhere. The
 * turn of the call is the claim's head: who leaves later leaves at a higher one. */
static enum err
permit_call(struct req *r, struct wanted *w, uint64_t call)
{
	json_t *row;
	enum err e = sql_call_get(r, call, &row);
	bool in;

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_FORBIDDEN : e;
	TRY(incall_has(r, call, r->user, &in));
	if (!in)
		return ERR_FORBIDDEN;
	w->head.seq = row_id(row, "turn");
	return describe(r, "user_id", NULL, SEEN, &w->presence);
}

/* The rule: rooms for their members, calls for who is in them, the user's channel for that user,
 * and where it is open the hall for everybody; nothing else. `blocks` in channel_data is between
 * maru-api and maru-push: nobody else sees it. */
static enum err
permit(struct req *r, struct wanted *w)
{
	enum wire_kind kind;
	json_t *row, *blocks;
	uint64_t id;

	w->presence = "";
	w->time = clock_wall();
	w->from = 0;
	if (r->conf->lobby_presence && strcmp(w->channel, CHANNEL_HALL) == 0)
		return describe(r, "user_id", NULL, sight_of(w), &w->presence);
	if (channel_read_call(str_of(w->channel), &id))
		return permit_call(r, w, id);
	if (!channel_read(str_of(w->channel), &kind, &id))
		return ERR_FORBIDDEN;
	if (kind == WIRE_ROOM) {
		TRY(stream_head(r, kind, id, &w->head));
		TRY(rooms_require(r, id, &row));
		w->from = row_id(row, "seen_after");
		TRY(blocks_claim(r, &blocks));
		return describe(
		    r, "user_id", json_pack("{s:O}", "blocks", blocks), sight_of(w), &w->presence);
	}
	if (kind == WIRE_USER && id == r->user)
		return stream_head(r, kind, id, &w->head);
	return ERR_FORBIDDEN;
}

/* {auth, channel_data} as Pusher's libraries expect it; a new reference. */
static json_t *
grant(const struct req *r, const struct wanted *w)
{
	struct claim claim = {r->user, r->session, w->time, w->head.seq, w->head.mid, w->from};
	struct claim_subject subject = {
	    .key = str_of(r->conf->app_key),
	    .secret = str_of(r->conf->app_secret),
	    .socket_id = str_of(w->socket_id),
	    .channel = str_of(w->channel),
	    .channel_data = str_of(w->presence),
	};
	struct buf auth;
	json_t *out;

	buf_init(&auth, CLAIM_TEXT_MAX);
	claim_sign(&subject, &claim, &auth);
	out = json_pack("{s:s%}", "auth", auth.p, auth.n);
	if (w->presence[0] != '\0')
		(void)json_object_set_new(out, "channel_data", json_string(w->presence));
	buf_finish(&auth);
	return out;
}

static bool
is_among(const json_t *names, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach (names, i, one) {
		if (json_is_string(one) && strcmp(json_string_value(one), name) == 0)
			return true;
	}
	return false;
}

/* Many channels in one request: each gets its grant or its error. Those of `quiet` are only
 * listened to: a sidebar hears what waits in rooms that are not open. */
static enum err
grant_many(struct req *r, const char *socket_id, const json_t *names, const json_t *quiet)
{
	json_t *answer = req_own(r, json_object()), *name;
	size_t i;

	if (!json_is_array(names) || json_array_size(names) > CHANNELS_MAX)
		return req_fail(
		    r, ERR_BAD_REQUEST, "channels must be a list of at most %d", CHANNELS_MAX);
	json_array_foreach (names, i, name) {
		struct wanted w = {.socket_id = socket_id, .channel = json_string_value(name)};
		enum err e;

		if (w.channel == NULL || strlen(w.channel) > WIRE_CHANNEL_MAX)
			return req_fail(r, ERR_BAD_REQUEST, "channels must be names");
		w.quiet = is_among(quiet, w.channel);
		e = permit(r, &w);
		if (e != OK && err_info(e)->status >= 500)
			return e;
		(void)json_object_set_new(answer, w.channel,
		    e == OK ? grant(r, &w)
			    : json_pack("{s:i, s:s}", "status", err_info(e)->status, "error",
				  err_info(e)->title));
	}
	return req_reply(r, 200, json_pack("{s:O}", "channels", answer));
}

/* ---- Server-Sent Events ---- */

static bool
is_public(const char *channel)
{
	return strncmp(channel, "private-", 8) != 0 && strncmp(channel, "presence-", 9) != 0;
}

/* Adds the frame with which a websocket's client would subscribe to a channel. */
static enum err
add_frame(struct req *r, struct wanted *w, const char *known, struct buf *uri)
{
	json_t *data, *frame;
	struct cursor at;
	const char *text;

	if (is_public(w->channel)) {
		data = json_object();
	} else {
		TRY(permit(r, w));
		data = grant(r, w);
	}
	(void)json_object_set_new(data, "channel", json_string(w->channel));
	if (cursor_find(&r->mem, known, w->channel, &at))
		(void)json_object_set_new(data, "after",
		    json_pack("{s:I, s:s*}", "seq", (json_int_t)at.seq, "mid", at.mid));
	frame = req_own(r, json_pack("{s:s, s:o}", "event", "pusher:subscribe", "data", data));
	TRY(req_dump(r, frame, &text));
	buf_addstr(uri, "&f=");
	query_encode(uri, str_of(text));
	return OK;
}

/* Whether a name is in a list with commas, which may be NULL. */
static bool
is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p != NULL && *p != '\0'; p += strcspn(p, ","), p += *p == ',') {
		if (strcspn(p, ",") == n && memcmp(p, name, n) == 0)
			return true;
	}
	return false;
}

/* The same as a websocket by Server-Sent Events: ?channels=lobby,presence-room-7. The stream comes
 * from maru-push (push/sse.h), and goes on after Last-Event-ID. One channel that is not allowed
 * refuses all: a browser would not ask again for it alone. */
enum err
realtime_sse(struct req *r)
{
	const char *channels = query_value(&r->mem, str_of(r->query), "channels");
	const char *quiet = query_value(&r->mem, str_of(r->query), "quiet");
	const char *known = r->env.last_event_id;
	struct buf *uri = req_buf(r, STREAM_URI_MAX);
	struct wanted w = {.socket_id = arena_printf(&r->mem, "%" PRIu32 ".%" PRIu32,
			       (uint32_t)crypt_random64(), (uint32_t)crypt_random64())};

	if (known[0] == '\0')
		known = query_value(&r->mem, str_of(r->query), "last_event_id");
	if (channels == NULL || channels[0] == '\0')
		return req_invalid(r, "channels", "is required: names separated by commas");
	buf_printf(uri, "/sse?id=%s", w.socket_id);
	while (*channels != '\0') {
		size_t n = strcspn(channels, ",");

		w.channel = arena_strndup(&r->mem, channels, n);
		w.quiet = is_listed(quiet, w.channel);
		TRY(add_frame(r, &w, known == NULL ? "" : known, uri));
		channels += n + (channels[n] == ',');
	}
	if (uri->full)
		return req_invalid(r, "channels", "are too many for one stream");
	return req_redirect(r, (struct str){uri->p, uri->n});
}

/* ---- websockets ---- */

/* The request, a form or JSON: *json is NULL for a form. */
static enum err
read_request(struct req *r, struct wanted *w, json_t **json)
{
	*json = NULL;
	if (req_is_form(r)) {
		w->socket_id = req_form(r, r->content, "socket_id");
		w->channel = req_form(r, r->content, "channel_name");
	} else {
		TRY(req_json(r, json));
		w->socket_id = json_string_value(json_object_get(*json, "socket_id"));
		w->channel = json_string_value(json_object_get(*json, "channel_name"));
	}
	if (w->socket_id == NULL || !socketid_ok(w->socket_id))
		return req_fail(r, ERR_BAD_REQUEST, "socket_id must be digits.digits");
	return OK;
}

/* Signs subscriptions: {socket_id, channel_name} as a form or JSON, or {socket_id, channels: [...],
 * quiet: [...]}. */
enum err
realtime_auth(struct req *r)
{
	struct wanted w = {0};
	const json_t *many;
	json_t *json;

	TRY(read_request(r, &w, &json));
	if ((many = json_object_get(json, "channels")) != NULL)
		return grant_many(r, w.socket_id, many, json_object_get(json, "quiet"));
	if (w.channel == NULL || strlen(w.channel) > WIRE_CHANNEL_MAX)
		return req_fail(r, ERR_BAD_REQUEST, "channel_name is required");
	TRY(permit(r, &w));
	return req_reply(r, 200, grant(r, &w));
}

/* Signs in a connection as its user: {socket_id} as a form or JSON. maru-push takes the session and
 * the time from it, so that a logout ends this, too. */
enum err
realtime_user_auth(struct req *r)
{
	struct claim_subject subject = {
	    .key = str_of(r->conf->app_key), .secret = str_of(r->conf->app_secret)};
	struct wanted w = {0};
	const char *user_data = "";
	struct buf auth;
	json_t *json, *out;

	TRY(read_request(r, &w, &json));
	TRY(describe(r, "id",
	    json_pack("{s:[], s:{s:I, s:I}}", "watchlist", "maru", "session",
		(json_int_t)r->session, "time", (json_int_t)clock_wall()),
	    AS_THEY_APPEAR, &user_data));
	subject.socket_id = str_of(w.socket_id);
	subject.channel_data = str_of(user_data);
	buf_init(&auth, CLAIM_TEXT_MAX);
	claim_sign_person(&subject, &auth);
	out = json_pack("{s:s%, s:s}", "auth", auth.p, auth.n, "user_data", user_data);
	buf_finish(&auth);
	return req_reply(r, 200, out);
}
