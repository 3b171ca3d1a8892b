/* SPDX-License-Identifier: MIT */
/* Members of presence channels and what is told about them, see presence.h. */
#include "presence.h"

#include "blocked.h"
#include "hooks.h"
#include "publish.h"
#include "tally.h"

#include <inttypes.h>
#include <stdlib.h>

#define EVENT_ADDED   "pusher_internal:member_added"
#define EVENT_REMOVED "pusher_internal:member_removed"

#define EVENT_MAX ((size_t)64 << 10)
#define LIST_MAX  ((size_t)4 << 20) /* PRESENCE_LISTED members of the greatest size fit */

struct str
presence_id(const struct member *m)
{
	return (struct str){m->text, m->id_len};
}

static struct member *
make(const struct who *who)
{
	struct member *m = calloc(1, sizeof(*m) + who->id.n + who->info.n);

	if (m == NULL)
		abort();
	m->id_len = (uint32_t)who->id.n;
	m->info_len = (uint32_t)who->info.n;
	if (who->id.n > 0)
		memcpy(m->text, who->id.p, who->id.n);
	if (who->info.n > 0)
		memcpy(m->text + who->id.n, who->info.p, who->info.n);
	return m;
}

static void
add_id(struct buf *b, const struct member *m)
{
	buf_addch(b, '"');
	buf_addjson(b, m->text, m->id_len);
	buf_addch(b, '"');
}

static void
add_info(struct buf *b, const struct member *m)
{
	if (m->info_len > 0)
		buf_add(b, m->text + m->id_len, m->info_len);
	else
		buf_addstr(b, "null");
}

uint64_t
presence_user(const struct member *m)
{
	char id[24] = "";

	if (m->id_len < sizeof(id))
		memcpy(id, m->text, m->id_len);
	return strtoull(id, NULL, 10);
}

/* Whether a subscriber (or NULL) does not see this member. */
static bool
is_hidden(const struct sub *s, const struct member *m)
{
	return s != NULL && s->conn->blocked != NULL && blocked_hides(s, presence_user(m));
}

/* How many members a subscriber sees. */
static unsigned
count(const struct channel *ch, const struct sub *s)
{
	unsigned n = HASH_COUNT(ch->members);

	if (s == NULL || s->conn->blocked == NULL)
		return n;
	for (const struct member *m = ch->members; m != NULL; m = m->hh.next)
		n -= is_hidden(s, m);
	return n;
}

/* Calls add for the listed members, the subscriber's own first, with commas between. */
static void
list(const struct channel *ch, const struct sub *s, struct buf *out,
    void (*add)(struct buf *, const struct member *))
{
	const struct member *m = ch->members, *self = s == NULL ? NULL : s->member;
	unsigned n = 0;

	if (self != NULL) {
		add(out, self);
		n = 1;
	}
	for (; m != NULL && n < PRESENCE_LISTED; m = m->hh.next) {
		if (m == self || is_hidden(s, m))
			continue;
		if (n++ > 0)
			buf_addch(out, ',');
		add(out, m);
	}
}

static void
add_pair(struct buf *b, const struct member *m)
{
	add_id(b, m);
	buf_addch(b, ':');
	add_info(b, m);
}

void
presence_list(const struct channel *ch, const struct sub *s, struct buf *out)
{
	buf_printf(out, "{\"presence\":{\"count\":%u,\"ids\":[", count(ch, s));
	list(ch, s, out, add_id);
	buf_addstr(out, "],\"hash\":{");
	list(ch, s, out, add_pair);
	buf_addstr(out, "}}}");
}

/* One of the two events about a member. */
static struct msg *
make_event(const struct member *m, const char *event, bool with_info)
{
	struct buf data;
	struct msg *msg;

	buf_init(&data, EVENT_MAX);
	buf_addstr(&data, "{\"user_id\":");
	add_id(&data, m);
	if (with_info) {
		buf_addstr(&data, ",\"user_info\":");
		add_info(&data, m);
	}
	buf_addch(&data, '}');
	msg = msg_event(event, hub_name(m->channel), (struct str){data.p, data.n});
	buf_finish(&data);
	return msg;
}

/* Tells the others of one, or that their number has changed. */
static void
tell(const struct member *m, const char *event, bool with_info)
{
	struct channel *ch = m->channel;
	struct msg *msg;

	if (ch->crowded) {
		tally_changed(m->hub->conf, ch);
		return;
	}
	msg = make_event(m, event, with_info);
	hub_send_by(ch, msg, presence_user(m));
	msg_put(msg);
}

static void
tell_added(const struct member *m)
{
	struct channel *ch = m->channel;

	hooks_member(HOOK_MEMBER_ADDED, hub_name(ch), presence_id(m));
	if (HASH_COUNT(ch->members) > PRESENCE_LISTED)
		ch->crowded = true;
	tell(m, EVENT_ADDED, true);
}

static void
tell_removed(const struct member *m)
{
	hooks_member(HOOK_MEMBER_REMOVED, hub_name(m->channel), presence_id(m));
	if (!m->hub->quiet)
		tell(m, EVENT_REMOVED, false);
}

void
presence_veil(struct conn *c, uint64_t user, bool on)
{
	char id[24];
	int n = snprintf(id, sizeof(id), "%" PRIu64, user);
	struct member *m;

	for (const struct sub *s = c->subs; s != NULL; s = s->next) {
		if (s->channel->follow == NULL || s->channel->crowded || s->floor == SUB_WAITING)
			continue;
		HASH_FIND(hh, s->channel->members, id, (size_t)n, m);
		if (m != NULL)
			(void)conn_give(c, make_event(m, on ? EVENT_REMOVED : EVENT_ADDED, !on));
	}
}

/* The list as somebody sees it who blocks these or those. */
static struct msg *
make_list(const struct channel *ch, const struct sub *s)
{
	struct buf data;
	struct msg *m;

	buf_init(&data, LIST_MAX);
	presence_list(ch, s, &data);
	m = msg_event("maru:presence", hub_name(ch), (struct str){data.p, data.n});
	buf_finish(&data);
	return m;
}

/* The whole list, which is the same for almost everybody. */
static void
tell_list(const struct channel *ch)
{
	struct msg *all = make_list(ch, NULL);

	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		if (s->floor != SUB_WAITING)
			(void)conn_give(
			    s->conn, s->conn->blocked == NULL ? msg_get(all) : make_list(ch, s));
	}
	msg_put(all);
}

void
presence_tell_count(struct channel *ch)
{
	struct buf data;

	if (HASH_COUNT(ch->members) > PRESENCE_LISTED) {
		buf_init(&data, 64);
		buf_printf(&data, "{\"count\":%u}", HASH_COUNT(ch->members));
		publish_tell(ch,
		    msg_event("maru:presence_count", hub_name(ch), (struct str){data.p, data.n}));
		buf_finish(&data);
	} else {
		ch->crowded = false;
		tell_list(ch);
	}
}

/* ---- coming and going */

static void
go(struct member *m)
{
	struct channel *ch = m->channel;
	struct hub *h = m->hub;

	HASH_DELETE(hh, ch->members, m);
	tell_removed(m);
	free(m);
	hub_tidy(h, ch);
}

static void
on_gone(struct later *l)
{
	go((struct member *)((char *)l - offsetof(struct member, going)));
}

static bool
same_info(const struct member *m, const struct who *who)
{
	return str_eq((struct str){m->text + m->id_len, m->info_len}, who->info);
}

struct member *
presence_enter(struct hub *h, struct channel *ch, const struct who *who)
{
	struct member *m;

	HASH_FIND(hh, ch->members, who->id.p, who->id.n, m);
	if (m != NULL && m->count == 0) {
		later_call_off(&m->going);
		if (!same_info(m, who)) { /* comes back with another name */
			go(m);
			m = NULL;
		}
	}
	if (m == NULL) {
		m = make(who);
		m->hub = h;
		m->channel = ch;
		HASH_ADD_KEYPTR(hh, ch->members, m->text, m->id_len, m);
		tell_added(m);
	}
	m->count++;
	return m;
}

void
presence_leave(struct member *m, bool linger)
{
	if (--m->count > 0)
		return;
	if (linger)
		later_put_off(&m->going, LATER_LINGER, on_gone);
	else
		go(m);
}

static void
end_linger(struct member *m)
{
	if (m == NULL || m->count > 0)
		return;
	later_call_off(&m->going);
	go(m);
}

void
presence_end_linger(struct channel *ch, struct str id)
{
	struct member *m, *next;

	HASH_FIND(hh, ch->members, id.p, id.n, m);
	end_linger(m);
	for (m = id.n == 0 ? ch->members : NULL; m != NULL; m = next) {
		next = m->hh.next;
		end_linger(m);
	}
}

bool
presence_has(const struct channel *ch, struct str id)
{
	const struct member *m;

	HASH_FIND(hh, ch->members, id.p, id.n, m);
	return m != NULL;
}
