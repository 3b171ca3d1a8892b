/* SPDX-License-Identifier: MIT */
/* Channels, subscribers and users, see hub.h. */
#include "hub.h"

#include "channel.h"
#include "clock.h"
#include "follow.h"
#include "presence.h"
#include "turn.h"

#include <assert.h>
#include <utlist.h>

#define CONFIRM_MAX ((size_t)4 << 20)

/* Exists while a connection of this person is open. */
struct user {
	UT_hash_handle hh;
	uint64_t id;
	struct conn *conns;
};

void
hub_init(struct hub *h, const struct conf *conf)
{
	*h = (struct hub){.conf = conf};
	table_init();
}

void
hub_finish(struct hub *h)
{
	assert(h->channels == NULL && h->users == NULL);
	revoked_finish(&h->revoked);
}

struct str
hub_name(const struct channel *ch)
{
	return (struct str){ch->name, ch->name_len};
}

/* ---- channels ---- */

struct channel *
hub_channel(struct hub *h, struct str name)
{
	struct channel *ch;

	HASH_FIND(hh, h->channels, name.p, name.n, ch);
	return ch;
}

struct channel *
hub_obtain(struct hub *h, struct str name)
{
	struct channel *ch = hub_channel(h, name);

	if (ch != NULL)
		return ch;
	if ((ch = calloc(1, sizeof(*ch) + name.n)) == NULL)
		abort();
	ch->name_len = (uint32_t)name.n;
	memcpy(ch->name, name.p, name.n);
	HASH_ADD_KEYPTR(hh, h->channels, ch->name, ch->name_len, ch);
	return ch;
}

void
hub_drop(struct hub *h, struct channel *ch)
{
	assert(ch->members == NULL && ch->count == 0);
	if (ch->follow != NULL)
		follow_drop(ch);
	HASH_DELETE(hh, h->channels, ch);
	free(ch->subs);
	free(ch);
}

/* ---- subscriptions ---- */

struct sub *
hub_find(struct hub *h, const struct conn *c, struct str channel)
{
	const struct channel *ch = hub_channel(h, channel);
	struct sub *s;

	if (ch == NULL)
		return NULL;
	for (s = c->subs; s != NULL && s->channel != ch;)
		s = s->next;
	return s;
}

static struct sub *
link_sub(struct channel *ch, struct conn *c)
{
	struct sub *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	if (ch->count == ch->size) {
		ch->size = ch->size == 0 ? 2 : 2 * ch->size;
		ch->subs = reallocarray(ch->subs, ch->size, sizeof(struct sub *));
		if (ch->subs == NULL)
			abort();
	}
	s->channel = ch;
	s->conn = c;
	s->place = ch->count;
	ch->subs[ch->count++] = s;
	s->next = c->subs;
	c->subs = s;
	c->subs_count++;
	return s;
}

/* Takes it out of both; the last in the array moves to the free place. */
static void
unlink_sub(struct sub *s)
{
	struct channel *ch = s->channel;
	struct sub **p = &s->conn->subs;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	s->conn->subs_count--;
	ch->subs[s->place] = ch->subs[--ch->count];
	ch->subs[s->place]->place = s->place;
	free(s);
}

/* Adds the stream's part to the data, which is an object or empty. */
static void
add_stream(struct buf *data, const struct hub_confirmed *how)
{
	if (data->n > 0)
		data->n--; /* its closing brace */
	buf_addch(data, data->n > 0 ? ',' : '{');
	buf_printf(data, "\"head\":%llu", (unsigned long long)how->place.seq);
	if (how->place.mid != 0)
		buf_printf(data, ",\"mid\":\"%llu\"", (unsigned long long)how->place.mid);
	if (how->resumed)
		buf_printf(data, ",\"recovered\":%s", how->recovered ? "true" : "false");
	buf_addch(data, '}');
}

void
hub_confirm(const struct sub *s, const struct hub_confirmed *how)
{
	struct buf data;
	struct msg *m;

	buf_init(&data, CONFIRM_MAX);
	if (s->member != NULL)
		presence_list(s->channel, s->member, &data);
	if (how != NULL)
		add_stream(&data, how);
	else if (s->member == NULL)
		buf_addstr(&data, "{}");
	m = msg_event("pusher_internal:subscription_succeeded", hub_name(s->channel),
	    (struct str){data.p, data.n});
	if (how != NULL)
		m->place = how->place;
	(void)conn_give(s->conn, m);
	buf_finish(&data);
}

void
hub_join(struct hub *h, struct conn *c, struct str channel, const struct who *who,
    const struct follow_terms *t)
{
	struct channel *ch = hub_obtain(h, channel);
	struct sub *s = link_sub(ch, c);
	enum wire_kind kind;
	struct msg *m;
	uint64_t id;
	bool first = false;

	if (who != NULL)
		s->member = presence_enter(ch, who, &first);
	if (first) {
		m = presence_added(ch, s->member);
		hub_send(ch, m, c);
		msg_put(m);
	}
	if (channel_read(channel, &kind, &id))
		follow_join(s, t);
	else
		hub_confirm(s, NULL);
}

void
hub_refuse(struct hub *h, struct sub *s, const char *why)
{
	hub_deny(s->conn, hub_name(s->channel), why);
	hub_part(h, s);
}

void
hub_deny(struct conn *c, struct str channel, const char *why)
{
	struct buf data;

	buf_init(&data, 512);
	buf_printf(&data, "{\"type\":\"AuthError\",\"error\":\"%s\",\"status\":401}", why);
	(void)conn_give(
	    c, msg_event("pusher:subscription_error", channel, (struct str){data.p, data.n}));
	buf_finish(&data);
}

void
hub_part(struct hub *h, struct sub *s)
{
	struct channel *ch = s->channel;
	struct member *member = s->member;
	struct msg *gone = NULL;

	if (ch->follow != NULL)
		follow_part(s);
	unlink_sub(s);
	if (member != NULL && member->count == 1 && !h->quiet)
		gone = presence_removed(ch, member);
	if (member != NULL)
		(void)presence_exit(ch, member);
	if (gone != NULL)
		hub_send(ch, gone, NULL);
	msg_put(gone);
	if (ch->count == 0 && ch->follow == NULL)
		hub_drop(h, ch);
}

/* ---- publishing ---- */

/* What hub_send() will touch soon: in a large channel none of it is in the cache. */
static void
fetch_ahead(const struct channel *ch, uint32_t i)
{
	if (ch->count - i <= 8)
		return;
	__builtin_prefetch(ch->subs[i + 8]);
	__builtin_prefetch(ch->subs[i + 4]->conn);
	__builtin_prefetch(&ch->subs[i + 4]->conn->ring);
}

void
hub_send(struct channel *ch, struct msg *m, const struct conn *except)
{
	/* conn_send() never changes ch->subs: a slow client is only marked. */
	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		fetch_ahead(ch, i);
		if (s->conn != except && s->floor != SUB_WAITING)
			(void)conn_send(s->conn, m);
	}
}

void
hub_publish(struct hub *h, struct str channel, struct str text, const struct conn *except)
{
	struct channel *ch = hub_channel(h, channel);
	struct msg *m;

	if (ch == NULL)
		return;
	m = msg_create(text);
	hub_send(ch, m, except);
	msg_put(m);
}

/* ---- people ---- */

static struct user *
find_user(struct hub *h, uint64_t id)
{
	struct user *u;

	HASH_FIND(hh, h->users, &id, sizeof(id), u);
	return u;
}

bool
hub_is_here(struct hub *h, uint64_t user)
{
	return find_user(h, user) != NULL;
}

unsigned
hub_count_users(const struct hub *h)
{
	return HASH_COUNT(h->users);
}

void
hub_identify(struct hub *h, struct conn *c, uint64_t user, uint64_t session)
{
	struct user *u;

	if (c->user != 0 || user == 0)
		return;
	if ((u = find_user(h, user)) == NULL) {
		if ((u = calloc(1, sizeof(*u))) == NULL)
			abort();
		u->id = user;
		HASH_ADD(hh, h->users, id, sizeof(u->id), u);
	}
	c->user = user;
	c->session = session;
	DL_APPEND2(u->conns, c, user_prev, user_next);
}

void
hub_leave(struct hub *h, struct conn *c)
{
	struct user *u;

	while (c->subs != NULL)
		hub_part(h, c->subs);
	if (c->user == 0)
		return;
	u = find_user(h, c->user);
	assert(u != NULL);
	DL_DELETE2(u->conns, c, user_prev, user_next);
	if (u->conns == NULL) {
		HASH_DELETE(hh, h->users, u);
		free(u);
	}
	c->user = c->session = 0;
}

/* Whether an event removed this subscriber: one who subscribed after it was let in anew. */
static bool
is_removed(const struct sub *s, uint64_t user, uint64_t seq)
{
	return (user == WIRE_EVERYBODY || s->conn->user == user) && s->floor != SUB_WAITING &&
	       s->floor < seq;
}

void
hub_remove(struct hub *h, struct channel *ch, uint64_t user, uint64_t seq)
{
	struct msg *m = msg_event("maru:unsubscribed", hub_name(ch), STR("{}"));

	revoked_add_member(&h->revoked, user, hub_name(ch), seq, clock_wall());
	/* From the end: the last one moves to the place of the one who goes. */
	for (uint32_t i = ch->count; i > 0; i--) {
		struct sub *s = ch->subs[i - 1];
		struct conn *c = s->conn;

		if (!is_removed(s, user, seq))
			continue;
		h->quiet = user == WIRE_EVERYBODY;
		hub_part(h, s);
		h->quiet = false;
		(void)conn_send(c, m);
	}
	msg_put(m);
}

void
hub_end_session(struct hub *h, uint64_t user, uint64_t session)
{
	struct user *u = find_user(h, user);

	revoked_add_session(&h->revoked, session, clock_wall());
	for (struct conn *c = u == NULL ? NULL : u->conns; c != NULL; c = c->user_next) {
		if (c->session == session)
			turn_end(c, HUB_DISMISSED, "logged out");
	}
}
