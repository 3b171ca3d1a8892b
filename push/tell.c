/* SPDX-License-Identifier: MIT */
/* The few words behind tell.h. */
#include "tell.h"

#include "codes.h"
#include "turn.h"

/* {"head":..,"mid":".."}, the mid only where it is known. */
static void
write_head(const struct follow *f, struct buf *out)
{
	buf_printf(out, "{\"head\":%llu", (unsigned long long)f->stream.last);
	if (f->stream.mid != 0)
		buf_printf(out, ",\"mid\":\"%llu\"", (unsigned long long)f->stream.mid);
	buf_addch(out, '}');
}

void
tell_head(struct follow *f, int64_t now)
{
	struct buf data;
	struct msg *m;

	f->spoke_at = now;
	buf_init(&data, 128);
	write_head(f, &data);
	m = msg_event("maru:head", hub_name(f->channel), (struct str){data.p, data.n});
	hub_send(f->channel, m, NULL);
	msg_put(m);
	buf_finish(&data);
}

void
tell_reset(struct follow *f, bool forked)
{
	struct buf data;
	struct msg *m;

	buf_init(&data, 64);
	buf_printf(&data, "{\"head\":%llu}", (unsigned long long)f->stream.last);
	m = msg_event("maru:reset", hub_name(f->channel), (struct str){data.p, data.n});
	m->place = (struct msg_place){f->stream.kind, f->stream.id, f->stream.last, f->stream.mid};
	for (uint32_t i = 0; i < f->channel->count; i++) {
		struct sub *s = f->channel->subs[i];

		if (s->floor == SUB_WAITING)
			continue;
		/* Another history counts anew; in the same one nobody's floor sinks, as it keeps
		 * earlier removals from those who came back. */
		if (forked || s->floor < f->stream.last)
			s->floor = f->stream.last;
		(void)conn_send(s->conn, m);
	}
	msg_put(m);
	buf_finish(&data);
}

void
tell_return(struct follow *f)
{
	for (uint32_t i = 0; i < f->channel->count; i++)
		turn_end(f->channel->subs[i]->conn, CODE_COME_BACK, "reload");
}
