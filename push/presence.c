/* SPDX-License-Identifier: MIT */
/* Members of presence channels and what is told about them, see presence.h. */
#include "presence.h"

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

struct member *
presence_enter(struct channel *ch, const struct who *who, bool *first)
{
	struct member *m;

	HASH_FIND(hh, ch->members, who->id.p, who->id.n, m);
	*first = m == NULL;
	if (m == NULL) {
		m = make(who);
		HASH_ADD_KEYPTR(hh, ch->members, m->text, m->id_len, m);
	}
	m->count++;
	return m;
}

bool
presence_exit(struct channel *ch, struct member *m)
{
	if (--m->count > 0)
		return false;
	HASH_DELETE(hh, ch->members, m);
	free(m);
	return true;
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

/* Calls add for the listed members, with commas between. */
static void
list(const struct channel *ch, const struct member *self, struct buf *out,
    void (*add)(struct buf *, const struct member *))
{
	const struct member *m = ch->members;

	add(out, self);
	for (unsigned n = 1; m != NULL && n < PRESENCE_LISTED; m = m->hh.next) {
		if (m == self)
			continue;
		buf_addch(out, ',');
		add(out, m);
		n++;
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
tell(const struct channel *ch, const struct member *m, const char *event, bool with_info)
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
	msg = msg_event(event, hub_name(ch), (struct str){data.p, data.n});
	buf_finish(&data);
	return msg;
}

struct msg *
presence_added(const struct channel *ch, const struct member *m)
{
	return tell(ch, m, "pusher_internal:member_added", true);
}

struct msg *
presence_removed(const struct channel *ch, const struct member *m)
{
	return tell(ch, m, "pusher_internal:member_removed", false);
}
