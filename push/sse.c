/* SPDX-License-Identifier: MIT */
/* Blocks of text/event-stream, see sse.h. */
#include "sse.h"

#include "channel.h"

#include <inttypes.h>
#include <stdlib.h>
#include <utlist.h>

/* How far one stream was sent. */
struct place {
	struct msg_place at;
	struct place *next;
};

struct sse {
	struct place *places;
};

unsigned char sse_head[] = "HTTP/1.1 200 OK\r\n"
			   "Content-Type: text/event-stream\r\n"
			   "Cache-Control: no-store\r\n"
			   "Connection: close\r\n"
			   "\r\n"
			   "retry: 1000\n\n";

struct sse *
sse_create(void)
{
	struct sse *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	return s;
}

void
sse_destroy(struct sse *s)
{
	struct place *p, *next;

	if (s == NULL)
		return;
	LL_FOREACH_SAFE(s->places, p, next)
	free(p);
	free(s);
}

/* Remembers how far a stream is now. */
static void
move(struct sse *s, const struct msg_place *at)
{
	struct place *p;

	LL_FOREACH (s->places, p) {
		if (p->at.kind == at->kind && p->at.stream == at->stream)
			break;
	}
	if (p == NULL) {
		if ((p = calloc(1, sizeof(*p))) == NULL)
			abort();
		LL_APPEND(s->places, p);
	}
	p->at = *at;
}

static void
add_id(const struct sse *s, struct buf *out)
{
	const struct place *p;
	const char *before = "id: ";

	LL_FOREACH (s->places, p) {
		char name[CHANNEL_TEXT_SIZE];
		size_t n = channel_write((enum wire_kind)p->at.kind, p->at.stream, name);

		buf_addstr(out, before);
		buf_add(out, name, n);
		buf_printf(out, ":%" PRIu64, p->at.seq);
		if (p->at.mid != 0)
			buf_printf(out, ":%" PRIu64, p->at.mid);
		before = ",";
	}
	buf_addch(out, '\n');
}

void
sse_add(struct conn *c, const struct msg *m, struct buf *out)
{
	struct str text = msg_text(m);

	if (text.p == NULL) {
		buf_addstr(out, ":\n\n");
		return;
	}
	if (m->place.kind != 0) {
		move(c->sse, &m->place);
		add_id(c->sse, out);
	}
	/* JSON has no line breaks outside of strings, and inside they are escaped. */
	buf_addstr(out, "data: ");
	buf_add(out, text.p, text.n);
	buf_addstr(out, "\n\n");
}

void
sse_gather(struct conn *c, struct buf *out, size_t max)
{
	while (conn_peek(c) != NULL && out->n < max) {
		sse_add(c, conn_peek(c), out);
		conn_sent(c);
	}
}
