/* SPDX-License-Identifier: MIT */
/* Members of presence channels and what is told about them, see presence.h. */
#include "presence.h"

#include "hooks.h"
#include "publish.h"
#include "tally.h"

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

/* Calls add for the listed members, self (or NULL) first, with commas between. */
static void
list(const struct channel *ch, const struct member *self, struct buf *out,
    void (*add)(struct buf *, const struct member *))
{
	const struct member *m = ch->members;
	unsigned n = 0;

	if (self != NULL) {
		add(out, self);
		n = 1;
	}
	for (; m != NULL && n < PRESENCE_LISTED; m = m->hh.next) {
		if (m == self)
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
presence_list(const struct channel *ch, const struct member *self, struct buf *out)
{
	buf_printf(out, "{\"presence\":{\"count\":%u,\"ids\":[", HASH_COUNT(ch->members));
	list(ch, self, out, add_id);
	buf_addstr(out, "],\"hash\":{");
	list(ch, self, out, add_pair);
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
	hub_send(ch, msg, NULL);
	msg_put(msg);
}

static void
tell_added(const struct member *m)
{
	struct channel *ch = m->channel;

	hooks_member(HOOK_MEMBER_ADDED, hub_name(ch), presence_id(m));
	if (HASH_COUNT(ch->members) > PRESENCE_LISTED)
		ch->crowded = true;
	tell(m, "pusher_internal:member_added", true);
}

static void
tell_removed(const struct member *m)
{
	hooks_member(HOOK_MEMBER_REMOVED, hub_name(m->channel), presence_id(m));
	if (!m->hub->quiet)
		tell(m, "pusher_internal:member_removed", false);
}

void
presence_tell_count(struct channel *ch)
{
	struct buf data;
	struct msg *m;

	if (HASH_COUNT(ch->members) > PRESENCE_LISTED) {
		buf_init(&data, 64);
		buf_printf(&data, "{\"count\":%u}", HASH_COUNT(ch->members));
		publish_tell(ch,
		    msg_event("maru:presence_count", hub_name(ch), (struct str){data.p, data.n}));
	} else {
		ch->crowded = false;
		buf_init(&data, LIST_MAX);
		presence_list(ch, NULL, &data);
		m = msg_event("maru:presence", hub_name(ch), (struct str){data.p, data.n});
		hub_send(ch, m, NULL);
		msg_put(m);
	}
	buf_finish(&data);
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
