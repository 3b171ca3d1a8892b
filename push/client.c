/* SPDX-License-Identifier: MIT */
/* The frames of clients, one row of the table at the end for each; see client.h. This and signin.c
 * parse JSON, and nothing that did not come from a client. */
#include "client.h"

#include "blocked.h"
#include "clock.h"
#include "codes.h"
#include "depth.h"
#include "follow.h"
#include "grant.h"
#include "hooks.h"
#include "limits.h"
#include "presence.h"
#include "publish.h"
#include "signin.h"

#include <jansson.h>

#define EVENT_NAME_MAX   200   /* bytes */
#define CHANNEL_DATA_MAX 32768 /* bytes; a thousand blocked people fit */
#define MEMBER_ID_MAX    128   /* bytes of a user_id */
#define MEMBER_INFO_MAX  1024  /* bytes of a user_info as JSON; Pusher allows 1 KB */
#define EVENT_DATA_MAX   10240 /* bytes of the data of a client event; Pusher allows 10 KB */

/* One frame. */
struct frame {
	struct hub *hub;
	struct conn *conn;
	struct str event;
	json_t *top;  /* the whole object */
	json_t *data; /* its "data" if that is an object, else NULL */
};

static void
complain(struct conn *c, unsigned code, const char *text)
{
	(void)conn_give(c, msg_error(code, text));
}

/* The text of a member; empty if it is no string. */
static struct str
text_of(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)}
				 : (struct str){"", 0};
}

void
client_open(struct conn *c)
{
	char id[CONN_ID_SIZE];
	struct buf data;

	conn_socket_id(c, id);
	buf_init(&data, 128);
	buf_printf(
	    &data, "{\"socket_id\":\"%s\",\"activity_timeout\":%d}", id, CLIENT_ACTIVITY_TIMEOUT);
	(void)conn_give(c, msg_event("pusher:connection_established", (struct str){NULL, 0},
			       (struct str){data.p, data.n}));
	buf_finish(&data);
}

static void
on_signin(struct frame *f)
{
	signin_take(f->hub, f->conn, text_of(f->data, "auth"), text_of(f->data, "user_data"));
}

/* ---- subscribe ---- */

/* What channel_data says about the subscriber. */
struct person {
	char id[MEMBER_ID_MAX + 1];
	size_t id_len;
	char *info;     /* JSON, or NULL; free() it */
	bool hidden;    /* appears offline */
	json_t *blocks; /* of a claim of ours, see blocked.h; a reference, or NULL */
};

/* user_id may be a string or a number. */
static bool
read_id(const json_t *v, struct person *p)
{
	int n = -1;

	if (json_is_integer(v))
		n = snprintf(p->id, sizeof(p->id), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_string(v) && json_string_length(v) < sizeof(p->id))
		n = snprintf(p->id, sizeof(p->id), "%s", json_string_value(v));
	p->id_len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* NULL, or what is wrong with it. */
static const char *
read_person(struct str channel_data, struct person *p)
{
	json_t *top = NULL, *info;
	const char *problem = NULL;

	*p = (struct person){0};
	if (channel_data.n <= CHANNEL_DATA_MAX && depth_is_fine(channel_data))
		top = json_loadb(channel_data.p, channel_data.n, JSON_REJECT_DUPLICATES, NULL);
	info = json_object_get(top, "user_info");
	p->hidden = json_is_true(json_object_get(top, "hidden"));
	p->blocks = json_incref(json_object_get(top, "blocks"));
	if (!read_id(json_object_get(top, "user_id"), p))
		problem = "channel_data must be JSON with a user_id";
	else if (info != NULL) {
		p->info = json_dumps(info, JSON_COMPACT | JSON_ENCODE_ANY);
		if (p->info == NULL || strlen(p->info) > MEMBER_INFO_MAX)
			problem = "user_info is too long";
	}
	json_decref(top);
	return problem;
}

/* Whoever signed in is that person in a channel whose signature names nobody. */
static const char *
signed_in_person(const struct conn *c, struct person *p)
{
	struct who who = signin_who(c);

	if (who.info.n > MEMBER_INFO_MAX)
		return "user_info is too long";
	memcpy(p->id, who.id.p, who.id.n);
	p->id_len = who.id.n;
	if (who.info.n > 0 && (p->info = strndup(who.info.p, who.info.n)) == NULL)
		abort();
	return NULL;
}

/* Who a subscriber of a presence channel is; NULL, or what is wrong with it. */
static const char *
identify(const struct frame *f, struct person *p)
{
	struct str data = text_of(f->data, "channel_data");

	return data.n == 0 && f->conn->signin != NULL ? signed_in_person(f->conn, p)
						      : read_person(data, p);
}

/* "after": {"seq": 12, "mid": "..."}: the client was away since that event. */
static void
read_after(const json_t *after, struct follow_terms *t)
{
	const json_t *seq = json_object_get(after, "seq");
	const char *mid = json_string_value(json_object_get(after, "mid"));

	if (!json_is_integer(seq) || json_integer_value(seq) < 0)
		return;
	t->resume = true;
	t->after = (uint64_t)json_integer_value(seq);
	t->mid = mid == NULL ? 0 : strtoull(mid, NULL, 10);
}

/* Checks the right and subscribes. p is filled for presence channels. */
static void
subscribe(struct frame *f, struct str channel, const struct person *p)
{
	struct grant_request request = {
	    .channel = channel,
	    .auth = text_of(f->data, "auth"),
	    .channel_data = text_of(f->data, "channel_data"),
	    .member = {p->id, p->id_len},
	    .blocks_at = blocked_at(p->blocks),
	};
	struct who who = {{p->id, p->id_len}, str_of(p->info)};
	struct follow_terms terms = {0};
	const char *why =
	    grant_check(f->conn, &f->hub->revoked, &request, clock_wall(), &terms.claim);

	if (why != NULL) {
		hub_deny(f->conn, channel, why);
		return;
	}
	read_after(json_object_get(f->data, "after"), &terms);
	if (terms.resume && !limits_resume(f->conn, clock_mono()))
		return;
	hub_identify(f->hub, f->conn, terms.claim.user, terms.claim.session);
	if (terms.claim.user != 0)
		blocked_take(f->conn, p->blocks);
	hub_join(f->hub, f->conn, channel,
	    grant_kind(channel) == GRANT_PRESENCE && !p->hidden ? &who : NULL, &terms);
}

/* A client asks for the channel of its own person, where it is already. */
static bool
confirm_own(const struct frame *f, struct str channel)
{
	const struct sub *s;

	if (!signin_is_own(f->conn, channel))
		return false;
	if ((s = hub_find(f->hub, f->conn, channel)) != NULL)
		hub_confirm(s, NULL);
	return true;
}

/* NULL, or why this channel can't be asked for at all. */
static const char *
check_name(const struct frame *f, struct str channel)
{
	if (!grant_name_ok(channel))
		return "Invalid channel name";
	if (hub_find(f->hub, f->conn, channel) != NULL)
		return "Existing subscription to this channel";
	return NULL;
}

static void
on_subscribe(struct frame *f)
{
	struct str channel = text_of(f->data, "channel");
	struct person p = {0};
	const char *problem;

	if (confirm_own(f, channel))
		return;
	if ((problem = check_name(f, channel)) != NULL) {
		complain(f->conn, CODE_NONE, problem);
		return;
	}
	if (f->conn->subs_count >= CONN_SUBSCRIPTIONS)
		problem = "Too many subscriptions on one connection";
	else if (grant_kind(channel) == GRANT_PRESENCE)
		problem = identify(f, &p);
	if (problem != NULL)
		hub_deny(f->conn, channel, problem);
	else
		subscribe(f, channel, &p);
	free(p.info);
	json_decref(p.blocks);
}

static void
on_unsubscribe(struct frame *f)
{
	struct str channel = text_of(f->data, "channel");
	struct sub *s = grant_name_ok(channel) ? hub_find(f->hub, f->conn, channel) : NULL;

	if (s != NULL)
		hub_part(f->hub, s);
}

/* ---- ping, pong ---- */

static void
on_ping(struct frame *f)
{
	(void)conn_give(f->conn, msg_event("pusher:pong", (struct str){NULL, 0}, STR("{}")));
}

static void
on_pong(struct frame *f)
{
	(void)f; /* having been heard is all that it is for */
}

/* ---- client-* events ---- */

/* What is being relayed. */
struct saying {
	struct str channel;
	struct str data;   /* a text as it is, anything else as JSON in it */
	char *json;        /* owns the data; or NULL */
	struct str member; /* who says it, in presence channels; else empty */
};

static void
read_data(const struct frame *f, struct saying *s)
{
	const json_t *data = json_object_get(f->top, "data");

	s->data = text_of(f->top, "data");
	if (data == NULL || json_is_string(data))
		return;
	if ((s->json = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY)) == NULL)
		abort();
	s->data = str_of(s->json);
}

/* NULL, or why this event is not relayed. */
static const char *
check_relay(const struct frame *f, const struct saying *say, const struct sub *s)
{
	if (f->event.n > EVENT_NAME_MAX)
		return "The event name is too long";
	if (grant_kind(say->channel) == GRANT_PUBLIC)
		return "Client events need a private or presence channel";
	if (say->channel.n >= 18 && memcmp(say->channel.p, "private-encrypted-", 18) == 0)
		return "Client events are not possible on encrypted channels";
	if (grant_is_hall(f->conn, say->channel))
		return "Client events would reach everybody here";
	if (s == NULL || s->floor == SUB_WAITING)
		return "Client events need a subscription to the channel";
	if (say->data.n > EVENT_DATA_MAX)
		return "The data of a client event may have at most 10240 bytes";
	if (!pace_allow(&f->conn->events, CLIENT_EVENTS_PER_SECOND, clock_mono()))
		return "Client event rejected due to rate limit";
	return NULL;
}

static void
add_text(struct buf *out, const char *before, struct str text)
{
	buf_addstr(out, before);
	buf_addjson(out, text.p, text.n);
	buf_addch(out, '"');
}

/* What makes a later event of this kind the news of an earlier one. */
static uint32_t
key_of(const struct frame *f, const struct saying *say)
{
	uint32_t key = table_hash(say->channel.p, say->channel.n);

	key = 31 * key + table_hash(f->event.p, f->event.n);
	return 31 * key + table_hash(f->conn->id, sizeof(f->conn->id));
}

static void
relay(const struct frame *f, const struct saying *say, const struct sub *s)
{
	struct buf out;
	struct msg *m;

	buf_init(&out, MSG_TEXT_MAX);
	add_text(&out, "{\"event\":\"", f->event);
	add_text(&out, ",\"channel\":\"", say->channel);
	add_text(&out, ",\"data\":\"", say->data);
	if (s->member != NULL)
		add_text(&out, ",\"user_id\":\"", say->member);
	buf_addch(&out, '}');
	m = msg_create((struct str){out.p, out.n});
	publish_hint(s->channel, m, f->conn, f->conn->user, key_of(f, say));
	msg_put(m);
	buf_finish(&out);
}

static void
tell_hook(const struct frame *f, const struct saying *say)
{
	char socket_id[CONN_ID_SIZE];

	conn_socket_id(f->conn, socket_id);
	hooks_said(&(struct hooks_saying){
	    say->channel, f->event, say->data, str_of(socket_id), say->member});
}

static void
on_client_event(struct frame *f)
{
	struct saying say = {.channel = text_of(f->top, "channel")};
	const struct sub *s = hub_find(f->hub, f->conn, say.channel);
	const char *problem;

	read_data(f, &say);
	if ((problem = check_relay(f, &say, s)) != NULL) {
		complain(f->conn, CODE_REJECTED, problem);
	} else {
		if (s->member != NULL)
			say.member = presence_id(s->member);
		relay(f, &say, s);
		tell_hook(f, &say);
	}
	free(say.json);
}

/* ---- all frames ---- */

static const struct {
	struct str event;
	void (*run)(struct frame *);
} rows[] = {
    {{"pusher:ping", 11}, on_ping},
    {{"pusher:pong", 11}, on_pong},
    {{"pusher:signin", 13}, on_signin},
    {{"pusher:subscribe", 16}, on_subscribe},
    {{"pusher:unsubscribe", 18}, on_unsubscribe},
};

static void
dispatch(struct frame *f)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (str_eq(rows[i].event, f->event)) {
			rows[i].run(f);
			return;
		}
	}
	if (f->event.n > 7 && str_starts(f->event, STR("client-")))
		on_client_event(f);
	else
		complain(f->conn, CODE_NONE, "Unknown event");
}

void
client_receive(struct hub *h, struct conn *c, struct str text)
{
	struct frame f = {.hub = h, .conn = c};

	if (!limits_frame(c, clock_mono()))
		return;
	if (text.n > (uint64_t)c->conf->push_frame_max || !depth_is_fine(text)) {
		complain(c, CODE_NONE, "The message is too long or nested too deeply");
		return;
	}
	f.top = json_loadb(text.p == NULL ? "" : text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(f.top)) {
		complain(c, CODE_NONE, "The message is not a JSON object");
		json_decref(f.top);
		return;
	}
	f.event = text_of(f.top, "event");
	f.data = json_object_get(f.top, "data");
	if (!json_is_object(f.data))
		f.data = NULL;
	dispatch(&f);
	json_decref(f.top);
}

void
client_receive_all(struct hub *h, struct conn *c, struct str texts)
{
	for (size_t at = 0; at < texts.n && c->closing == 0;) {
		struct str text = str_of(texts.p + at);

		client_receive(h, c, text);
		at += text.n + 1;
	}
}
