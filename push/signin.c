/* SPDX-License-Identifier: MIT */
/* People and those who watch them, see signin.h. */
#include "signin.h"

#include "claim.h"
#include "clock.h"
#include "codes.h"
#include "depth.h"
#include "later.h"
#include "turn.h"
#include "wire.h"

#include <assert.h>
#include <jansson.h>
#include <utlist.h>

#define OWN           STR("#server-to-user-")
#define USER_DATA_MAX 16384 /* bytes */
#define EVENT_MAX     ((size_t)256 << 10)

/* One entry of a watchlist. */
struct watch {
	struct watch *prev, *next; /* the other watchers of this person */
	struct person *person;
	struct conn *watcher;
};

/* What a connection has that signed in. */
struct signin {
	struct conn *conn;
	struct person *person;
	struct signin *prev, *next; /* the person's others */
	struct watch *watched;
	uint32_t watched_count;
	uint32_t info_len;
	char info[]; /* JSON */
};

/* Exists while somebody is signed in as it, was so a moment ago, or watches it. */
struct person {
	UT_hash_handle hh;
	struct later going; /* offline; told when this is over */
	struct signin *signins;
	struct watch *watchers;
	bool online; /* as the watchers know it */
	uint32_t id_len;
	char id[];
};

static struct person *people;

/* ---- people */

static struct person *
find(struct str id)
{
	struct person *p;

	HASH_FIND(hh, people, id.p, id.n, p);
	return p;
}

static struct person *
obtain(struct str id)
{
	struct person *p = find(id);

	if (p != NULL)
		return p;
	if ((p = calloc(1, sizeof(*p) + id.n)) == NULL)
		abort();
	p->id_len = (uint32_t)id.n;
	memcpy(p->id, id.p, id.n);
	HASH_ADD_KEYPTR(hh, people, p->id, p->id_len, p);
	return p;
}

static void
release(struct person *p)
{
	if (p->signins != NULL || p->watchers != NULL || p->online)
		return;
	assert(people != NULL);
	HASH_DELETE(hh, people, p);
	free(p);
}

/* ---- watching */

static void
add_id(struct buf *b, const struct person *p)
{
	buf_addch(b, '"');
	buf_addjson(b, p->id, p->id_len);
	buf_addch(b, '"');
}

static struct msg *
make_event(const char *name, struct buf *ids)
{
	struct buf data;
	struct msg *m;

	buf_init(&data, EVENT_MAX);
	buf_printf(&data, "{\"events\":[{\"name\":\"%s\",\"user_ids\":[", name);
	buf_add(&data, ids->p, ids->n);
	buf_addstr(&data, "]}]}");
	m = msg_event("pusher_internal:watchlist_events", (struct str){NULL, 0},
	    (struct str){data.p, data.n});
	buf_finish(&data);
	return m;
}

static void
tell_watchers(const struct person *p)
{
	const struct watch *w;
	struct buf ids;
	struct msg *m;

	if (p->watchers == NULL)
		return;
	buf_init(&ids, EVENT_MAX);
	add_id(&ids, p);
	m = make_event(p->online ? "online" : "offline", &ids);
	DL_FOREACH (p->watchers, w)
		(void)conn_send(w->watcher, m);
	msg_put(m);
	buf_finish(&ids);
}

/* Tells a connection which of those it watches are here. */
static void
tell_online(const struct signin *s)
{
	struct buf ids;

	buf_init(&ids, EVENT_MAX);
	for (uint32_t i = 0; i < s->watched_count; i++) {
		if (!s->watched[i].person->online)
			continue;
		if (ids.n > 0)
			buf_addch(&ids, ',');
		add_id(&ids, s->watched[i].person);
	}
	if (ids.n > 0)
		(void)conn_give(s->conn, make_event("online", &ids));
	buf_finish(&ids);
}

static void
watch(struct signin *s, const json_t *list)
{
	uint32_t n = json_array_size(list) < SIGNIN_WATCHED ? (uint32_t)json_array_size(list)
							    : SIGNIN_WATCHED;

	if (n == 0)
		return;
	if ((s->watched = calloc(n, sizeof(*s->watched))) == NULL)
		abort();
	for (uint32_t i = 0; i < n; i++) {
		const json_t *id = json_array_get(list, i);
		struct watch *w = &s->watched[s->watched_count];

		if (!json_is_string(id) || json_string_length(id) == 0 ||
		    json_string_length(id) > SIGNIN_ID_MAX)
			continue;
		w->watcher = s->conn;
		w->person = obtain((struct str){json_string_value(id), json_string_length(id)});
		DL_APPEND(w->person->watchers, w);
		s->watched_count++;
	}
}

static void
unwatch(struct signin *s)
{
	for (uint32_t i = 0; i < s->watched_count; i++) {
		struct watch *w = &s->watched[i];

		DL_DELETE(w->person->watchers, w);
		release(w->person);
	}
	free(s->watched);
}

/* ---- coming and going */

static void
on_gone(struct later *l)
{
	struct person *p = (struct person *)((char *)l - offsetof(struct person, going));
	bool told = p->online;

	p->online = false;
	if (told)
		tell_watchers(p);
	release(p);
}

static void
come(struct person *p, struct signin *s, bool hidden)
{
	later_call_off(&p->going);
	s->person = p;
	DL_APPEND(p->signins, s);
	if (p->online || hidden)
		return;
	p->online = true;
	tell_watchers(p);
}

void
signin_leave(struct conn *c)
{
	struct signin *s = c->signin;

	if (s == NULL)
		return;
	c->signin = NULL;
	unwatch(s);
	DL_DELETE(s->person->signins, s);
	if (s->person->signins == NULL && c->dismissed)
		on_gone(&s->person->going);
	else if (s->person->signins == NULL)
		later_put_off(&s->person->going, LATER_LINGER, on_gone);
	free(s);
}

/* ---- signing in */

/* What a signed text says. */
struct claimed {
	json_t *top; /* owns the rest */
	struct str id;
	const json_t *watchlist;
	bool hidden;        /* appears offline */
	struct claim claim; /* of a user of ours; else zero */
};

/* Reads what maru-api adds for its own users. */
static void
read_claim(struct claimed *in)
{
	const json_t *ours = json_object_get(in->top, "maru");

	if (!json_is_object(ours))
		return;
	in->claim.user = strtoull(json_string_value(json_object_get(in->top, "id")), NULL, 10);
	in->claim.session = (uint64_t)json_integer_value(json_object_get(ours, "session"));
	in->claim.time = json_integer_value(json_object_get(ours, "time"));
	in->claim.head = UINT64_MAX; /* no removal from a room ends this */
}

static bool
read_data(struct str user_data, struct claimed *in)
{
	const json_t *id;

	*in = (struct claimed){0};
	if (user_data.n > USER_DATA_MAX || !depth_is_fine(user_data))
		return false;
	in->top = json_loadb(user_data.p, user_data.n, JSON_REJECT_DUPLICATES, NULL);
	id = json_object_get(in->top, "id");
	if (!json_is_string(id) || json_string_length(id) == 0 ||
	    json_string_length(id) > SIGNIN_ID_MAX)
		return false;
	in->id = (struct str){json_string_value(id), json_string_length(id)};
	in->watchlist = json_object_get(in->top, "watchlist");
	in->hidden = json_is_true(json_object_get(in->top, "hidden"));
	read_claim(in);
	return true;
}

/* Whether a user of ours may still sign in, on this connection. */
static bool
is_in_force(const struct hub *h, const struct conn *c, const struct claim *claim)
{
	int64_t now = clock_wall();

	if (claim->user == 0)
		return true;
	if (claim->time < now - CLAIM_MAX_AGE || claim->time > now + CLAIM_MAX_AGE)
		return false;
	if (c->user != 0 && (c->user != claim->user || c->session != claim->session))
		return false;
	return !revoked_covers(&h->revoked, claim, STR("#"));
}

static struct signin *
create(struct conn *c, const json_t *user_info)
{
	char *info =
	    user_info == NULL ? NULL : json_dumps(user_info, JSON_COMPACT | JSON_ENCODE_ANY);
	struct str text = str_of(info);
	struct signin *s = calloc(1, sizeof(*s) + text.n);

	if (s == NULL)
		abort();
	s->conn = c;
	s->info_len = (uint32_t)text.n;
	if (text.n > 0)
		memcpy(s->info, text.p, text.n);
	free(info);
	return s;
}

static void
answer(struct conn *c, struct str user_data)
{
	struct buf data;

	buf_init(&data, EVENT_MAX);
	buf_addstr(&data, "{\"user_data\":\"");
	buf_addjson(&data, user_data.p, user_data.n);
	buf_addstr(&data, "\"}");
	(void)conn_give(c, msg_event("pusher:signin_success", (struct str){NULL, 0},
			       (struct str){data.p, data.n}));
	buf_finish(&data);
}

/* The signature is good: this is who it says. */
static void
sign_in(struct hub *h, struct conn *c, const struct claimed *in, struct str user_data)
{
	char name[WIRE_CHANNEL_MAX];
	struct signin *s;

	answer(c, user_data);
	if (c->signin != NULL)
		return; /* once more the same */
	hub_identify(h, c, in->claim.user, in->claim.session);
	s = c->signin = create(c, json_object_get(in->top, "user_info"));
	memcpy(name, OWN.p, OWN.n);
	memcpy(name + OWN.n, in->id.p, in->id.n);
	hub_add(h, c, (struct str){name, OWN.n + in->id.n});
	watch(s, in->watchlist);
	if (json_array_size(in->watchlist) > SIGNIN_WATCHED)
		(void)conn_give(
		    c, msg_error(CODE_WATCHLIST,
			   "Watchlist limit exceeded. Only the first 100 user IDs are accepted."));
	tell_online(s);
	come(obtain(in->id), s, in->hidden);
}

void
signin_take(struct hub *h, struct conn *c, struct str auth, struct str user_data)
{
	char socket_id[CONN_ID_SIZE];
	struct claim_subject subject = {
	    .key = str_of(c->conf->app_key),
	    .secret = str_of(c->conf->app_secret),
	    .channel_data = user_data,
	};
	struct claimed in = {0};

	conn_socket_id(c, socket_id);
	subject.socket_id = str_of(socket_id);
	if (!claim_check_person(&subject, auth))
		turn_end(c, CODE_UNAUTHORIZED, "The signature of the sign-in is invalid");
	else if (!read_data(user_data, &in))
		(void)conn_give(c, msg_error(CODE_NONE, "user_data must be JSON with an id"));
	else if (!is_in_force(h, c, &in.claim))
		turn_end(c, CODE_UNAUTHORIZED, "The sign-in is not valid any more");
	else if (c->signin != NULL && !str_eq(signin_who(c).id, in.id))
		(void)conn_give(
		    c, msg_error(CODE_NONE, "This connection is signed in as somebody else"));
	else
		sign_in(h, c, &in, user_data);
	json_decref(in.top);
}

/* ---- asking */

struct who
signin_who(const struct conn *c)
{
	const struct signin *s = c->signin;

	if (s == NULL)
		return (struct who){{NULL, 0}, {NULL, 0}};
	return (struct who){{s->person->id, s->person->id_len}, {s->info, s->info_len}};
}

bool
signin_is_own(const struct conn *c, struct str channel)
{
	return c->signin != NULL && str_starts(channel, OWN) &&
	       str_eq((struct str){channel.p + OWN.n, channel.n - OWN.n}, signin_who(c).id);
}

void
signin_cut(struct str id, unsigned code, const char *why)
{
	const struct person *p = find(id);
	struct signin *s;

	if (p == NULL)
		return;
	DL_FOREACH (p->signins, s) {
		s->conn->dismissed = true;
		turn_end(s->conn, code, why);
	}
}
