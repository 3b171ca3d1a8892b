/* SPDX-License-Identifier: MIT */
/* Frames as RFC 6455 section 5.2 draws them, see msg.h. */
#include "msg.h"

#include <assert.h>
#include <stdlib.h>

enum opcode { OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9 };

#define FIN         0x80
#define CONTROL_MAX 125 /* most payload bytes of a control frame */

/* Writes the header of a frame with n bytes of payload; returns its size. */
static size_t
write_header(unsigned char head[10], enum opcode op, size_t n)
{
	head[0] = (unsigned char)(FIN | op);
	if (n <= CONTROL_MAX) {
		head[1] = (unsigned char)n;
		return 2;
	}
	if (n <= UINT16_MAX) {
		head[1] = 126;
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		return 4;
	}
	head[1] = 127;
	for (unsigned i = 0; i < 8; i++)
		head[2 + i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
	return 10;
}

static struct msg *
make(enum opcode op, struct str payload)
{
	unsigned char head[10];
	size_t header = write_header(head, op, payload.n);
	struct msg *m;

	assert(payload.n <= MSG_TEXT_MAX);
	if ((m = malloc(sizeof(*m) + header + payload.n)) == NULL)
		abort();
	*m = (struct msg){.refs = 1, .size = (uint32_t)(header + payload.n)};
	memcpy(m->frame, head, header);
	if (payload.n > 0)
		memcpy(m->frame + header, payload.p, payload.n);
	return m;
}

struct msg *
msg_create(struct str text)
{
	return make(OP_TEXT, text);
}

/* Makes a text frame of what was written and ends the buffer. */
static struct msg *
make_from(struct buf *b)
{
	struct msg *m;

	assert(!b->full);
	m = make(OP_TEXT, (struct str){b->p, b->n});
	buf_finish(b);
	return m;
}

struct msg *
msg_event(const char *event, struct str channel, struct str data)
{
	struct buf b;

	buf_init(&b, MSG_TEXT_MAX);
	buf_printf(&b, "{\"event\":\"%s\"", event);
	if (channel.n > 0) {
		buf_addstr(&b, ",\"channel\":\"");
		buf_addjson(&b, channel.p, channel.n);
		buf_addch(&b, '"');
	}
	buf_addstr(&b, ",\"data\":\"");
	buf_addjson(&b, data.p, data.n);
	buf_addstr(&b, "\"}");
	return make_from(&b);
}

struct msg *
msg_error(unsigned code, const char *text)
{
	struct buf b;

	buf_init(&b, MSG_TEXT_MAX);
	buf_addstr(&b, "{\"event\":\"pusher:error\",\"data\":{\"code\":");
	if (code == 0)
		buf_addstr(&b, "null");
	else
		buf_printf(&b, "%u", code);
	buf_addstr(&b, ",\"message\":\"");
	buf_addjson(&b, text, strlen(text));
	buf_addstr(&b, "\"}}");
	return make_from(&b);
}

struct msg *
msg_ping(void)
{
	return make(OP_PING, STR("maru"));
}

struct msg *
msg_close(unsigned code, const char *why)
{
	char payload[CONTROL_MAX];
	struct str text = str_of(why);

	if (text.n > sizeof(payload) - 2)
		text.n = sizeof(payload) - 2;
	payload[0] = (char)(code >> 8);
	payload[1] = (char)(code & 0xff);
	memcpy(payload + 2, text.p, text.n);
	return make(OP_CLOSE, (struct str){payload, text.n + 2});
}

struct str
msg_text(const struct msg *m)
{
	size_t header = m->frame[1] <= CONTROL_MAX ? 2 : m->frame[1] == 126 ? 4 : 10;

	if (m->frame[0] != (FIN | OP_TEXT))
		return (struct str){NULL, 0};
	return (struct str){(const char *)m->frame + header, m->size - header};
}

struct msg *
msg_get(struct msg *m)
{
	m->refs++;
	return m;
}

void
msg_put(struct msg *m)
{
	if (m == NULL || --m->refs > 0)
		return;
	msg_put(m->veil);
	free(m);
}
