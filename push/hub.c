/* SPDX-License-Identifier: MIT */
/* Channels, subscribers and users, see hub.h. */
#include "hub.h"

#include "blocked.h"
#include "bus.h"
#include "cache.h"
#include "channel.h"
#include "clock.h"
#include "codes.h"
#include "follow.h"
#include "grant.h"
#include "hooks.h"
#include "presence.h"
#include "reads.h"
#include "signin.h"
#include "tally.h"
#include "turn.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <utlist.h>

#define CONFIRM_MAX     ((size_t)4 << 20)
#define SEEN_PER_SECOND 200

/* Exists while a connection of this person is open. */
struct user {
	UT_hash_handle hh;
	uint64_t id;
	struct conn *conns;
	uint32_t count;
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
	cache_finish();
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
	ch->presence = grant_kind(name) == GRANT_PRESENCE;
	HASH_ADD_KEYPTR(hh, h->channels, ch->name, ch->name_len, ch);
	hooks_channel(HOOK_OCCUPIED, name);
	return ch;
}

void
hub_drop(struct hub *h, struct channel *ch)
{
	assert(h->channels != NULL && ch->members == NULL && ch->count == 0);
	if (ch->follow != NULL)
		follow_drop(ch);
	tally_drop(ch);
	reads_drop(ch);
	hooks_channel(HOOK_VACATED, hub_name(ch));
	HASH_DELETE(hh, h->channels, ch);
	free(ch->subs);
	free(ch);
}

void
hub_tidy(struct hub *h, struct channel *ch)
{
	if (ch->count == 0 && ch->members == NULL && ch->follow == NULL)
		hub_drop(h, ch);
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
	if (s->channel->presence) /* whoever appears offline is no member, and sees who is */
		presence_list(s->channel, s, &data);
	if (how != NULL)
		add_stream(&data, how);
	else if (!s->channel->presence)
		buf_addstr(&data, "{}");
	m = msg_event("pusher_internal:subscription_succeeded", hub_name(s->channel),
	    (struct str){data.p, data.n});
	if (how != NULL)
		m->place = how->at;
	(void)conn_give(s->conn, m);
	buf_finish(&data);
	if (s->member == NULL)
		tally_changed(s->conn->conf, s->channel);
}

/* What was published last to a cache channel. */
static void
send_cached(const struct sub *s)
{
	struct str name = hub_name(s->channel);
	struct msg *m;

	if (!cache_is_for(name))
		return;
	if ((m = cache_get(name, clock_mono())) != NULL) {
		(void)conn_send(s->conn, m);
		return;
	}
	(void)conn_give(s->conn, msg_event("pusher:cache_miss", name, STR("{}")));
	hooks_channel(HOOK_CACHE_MISS, name);
}

void
hub_join(struct hub *h, struct conn *c, struct str channel, const struct who *who,
    const struct follow_terms *t)
{
	struct channel *ch = hub_obtain(h, channel);
	struct sub *s = link_sub(ch, c);
	enum wire_kind kind;
	uint64_t id;

	s->floor = SUB_WAITING; /* it hears nothing before it is confirmed */
	if (who != NULL)
		s->member = presence_enter(h, ch, who);
	if (channel_read(channel, &kind, &id)) {
		follow_join(s, t);
		return;
	}
	s->floor = t->claim.head; /* for hub_remove() */
	hub_confirm(s, NULL);
	send_cached(s);
}

void
hub_add(struct hub *h, struct conn *c, struct str channel)
{
	(void)link_sub(hub_obtain(h, channel), c);
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

static void
part(struct hub *h, struct sub *s, bool linger)
{
	struct channel *ch = s->channel;
	struct member *member = s->member;

	if (ch->follow != NULL)
		follow_part(s);
	unlink_sub(s);
	if (member != NULL) {
		presence_leave(member, linger);
		return;
	}
	tally_changed(h->conf, ch);
	hub_tidy(h, ch);
}

void
hub_part(struct hub *h, struct sub *s)
{
	part(h, s, false);
}

/* ---- publishing ---- */

void
hub_send(struct channel *ch, struct msg *m, const struct conn *except)
{
	/* conn_send() never changes ch->subs: a slow client is only marked. */
	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		sub_fetch_ahead(ch, i);
		if (s->conn != except && s->floor != SUB_WAITING)
			(void)conn_send(s->conn, m);
	}
}

void
hub_send_by(struct channel *ch, struct msg *m, uint64_t user)
{
	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		sub_fetch_ahead(ch, i);
		if (s->floor != SUB_WAITING && !blocked_hides(s, user))
			(void)conn_send(s->conn, m);
	}
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
	u->count++;
	if (h->conf->push_user_connections > 0 && u->count > h->conf->push_user_connections)
		turn_end(c, CODE_CROWDED, "Too many connections of one person");
}

/* For whoever wants to know when somebody was last here. When a thousand go at once, for some of
 * them an earlier time stays. */
static void
tell_seen(uint64_t user)
{
	static struct pace pace;

	if (pace_allow(&pace, SEEN_PER_SECOND, clock_mono()))
		(void)bus_ask(&(struct wire_packet){.op = WIRE_SEEN, .user = user});
}

void
hub_leave(struct hub *h, struct conn *c)
{
	struct user *u;

	while (c->subs != NULL)
		part(h, c->subs, !c->dismissed);
	signin_leave(c);
	if (c->user == 0)
		return;
	u = find_user(h, c->user);
	assert(u != NULL);
	DL_DELETE2(u->conns, c, user_prev, user_next);
	if (--u->count == 0) {
		tell_seen(u->id);
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

/* Whoever lost the connection a moment ago is removed as well. */
static void
end_linger(struct hub *h, struct channel *ch, uint64_t user)
{
	char id[24];
	int n = snprintf(id, sizeof(id), "%" PRIu64, user);

	h->quiet = user == WIRE_EVERYBODY;
	presence_end_linger(ch, (struct str){id, user == WIRE_EVERYBODY ? 0 : (size_t)n});
	h->quiet = false;
}

void
hub_remove(struct hub *h, struct channel *ch, uint64_t user, uint64_t seq)
{
	struct str name = hub_name(ch);
	struct msg *m = msg_event("maru:unsubscribed", name, STR("{}"));
	char copy[WIRE_CHANNEL_MAX];

	memcpy(copy, name.p, name.n);
	revoked_add_member(&h->revoked, user, name, seq, clock_wall());
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
	/* One that is no stream's went with the last of them. */
	if ((ch = hub_channel(h, (struct str){copy, name.n})) != NULL)
		end_linger(h, ch, user);
}

void
hub_revoke(struct hub *h, struct str channel, uint64_t user, uint64_t seq)
{
	struct channel *ch = hub_channel(h, channel);

	if (ch != NULL)
		hub_remove(h, ch, user, seq);
	else /* a claim may be on its way */
		revoked_add_member(&h->revoked, user, channel, seq, clock_wall());
}

/* session 0: all of the person's connections. */
static void
dismiss(const struct user *u, uint64_t session, unsigned code, const char *why)
{
	for (struct conn *c = u == NULL ? NULL : u->conns; c != NULL; c = c->user_next) {
		if (session != 0 && c->session != session)
			continue;
		c->dismissed = true;
		turn_end(c, code, why);
	}
}

void
hub_end_session(struct hub *h, uint64_t user, uint64_t session)
{
	revoked_add_session(&h->revoked, session, clock_wall());
	if (session != 0)
		dismiss(find_user(h, user), session, CODE_UNAUTHORIZED, "logged out");
}

void
hub_block(struct hub *h, uint64_t user, uint64_t other, bool on, uint64_t at)
{
	const struct user *u = find_user(h, user);

	revoked_add_blocks(&h->revoked, user, at, clock_wall());
	for (struct conn *c = u == NULL ? NULL : u->conns; c != NULL; c = c->user_next)
		blocked_change(c, other, on);
}

void
hub_obey(struct hub *h, uint64_t user, uint64_t session, uint64_t sender)
{
	if (sender == 0)
		hub_end_session(h, user, session);
	else
		hub_block(h, user, sender, (session & 1) != 0, session >> 1);
}

void
hub_cut(struct hub *h, struct str id, unsigned code)
{
	const char *why = code == 0 ? "The connection was terminated" : "Come back";
	char name[CHANNEL_TEXT_SIZE];
	enum wire_kind kind;
	uint64_t user;
	int n = snprintf(name, sizeof(name), "private-user-%.*s", (int)id.n, id.p);

	code = code == 0 ? CODE_UNAUTHORIZED : code;
	signin_cut(id, code, why);
	if (n > 0 && (size_t)n < sizeof(name) &&
	    channel_read((struct str){name, (size_t)n}, &kind, &user))
		dismiss(find_user(h, user), 0, code, why);
}
