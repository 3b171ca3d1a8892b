/* SPDX-License-Identifier: MIT */
/* From a text to the queues, see publish.h. */
#include "publish.h"

#include "blocked.h"
#include "cache.h"
#include "clock.h"

void
publish_hint(
    struct channel *ch, struct msg *m, const struct conn *except, uint64_t user, uint32_t key)
{
	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		sub_fetch_ahead(ch, i);
		if (s->conn != except && s->floor != SUB_WAITING && !blocked_hides(s, user))
			conn_hint(s->conn, m, key);
	}
}

void
publish_tell(struct channel *ch, struct msg *m)
{
	publish_hint(ch, m, NULL, 0, table_hash(ch->name, ch->name_len));
	msg_put(m);
}

/* The channel that a text is for, NULL if nobody listens, and the text as a message, NULL if nobody
 * needs it. */
static struct channel *
prepare(struct hub *h, struct str channel, struct str text, struct msg **m)
{
	struct channel *ch = hub_channel(h, channel);
	bool cached = cache_is_for(channel);

	*m = ch == NULL && !cached ? NULL : msg_create(text);
	if (cached)
		cache_put(channel, *m, clock_mono());
	return ch;
}

void
publish_text(struct hub *h, struct str channel, struct str text, const struct conn *except)
{
	struct msg *m;
	struct channel *ch = prepare(h, channel, text, &m);

	if (ch != NULL)
		hub_send(ch, m, except);
	msg_put(m);
}

/* The subscriber of a socket_id, or NULL. */
static const struct conn *
find_socket(const struct channel *ch, uint64_t id)
{
	for (uint32_t i = 0; id != 0 && i < ch->count; i++) {
		const struct conn *c = ch->subs[i]->conn;

		if (c->id[0] == id >> 32 && c->id[1] == (uint32_t)id)
			return c;
	}
	return NULL;
}

void
publish_signal(struct hub *h, struct str channel, struct str text, uint64_t except)
{
	struct msg *m;
	struct channel *ch = prepare(h, channel, text, &m);
	const struct conn *left_out = ch == NULL ? NULL : find_socket(ch, except);

	for (uint32_t i = 0; ch != NULL && i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		sub_fetch_ahead(ch, i);
		if (s->conn != left_out && s->floor != SUB_WAITING)
			conn_signal(s->conn, m);
	}
	msg_put(m);
}
