/* SPDX-License-Identifier: MIT */
/* The state and the queue of one client, see conn.h. No I/O. */
#include "conn.h"

#include "codes.h"
#include "crypt.h"
#include "log.h"
#include "sse.h"
#include "stats.h"
#include "turn.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define RING_FIRST 4 /* when the room for one does not do; a power of two */
#define HINTS      8 /* of the queue that can be found again; a power of two */
/* Of the queue, so much is for what may be lost; the rest is for events of the log. */
#define HINT_EIGHTHS   4
#define SIGNAL_EIGHTHS 7

/* Where in the queue the last hints stand: at what number of all that ever was in it. */
struct hints {
	uint32_t next;
	struct {
		uint32_t at, key;
	} p[HINTS];
};

void
conn_init(struct conn *c, const struct conf *conf, void *ws)
{
	*c = (struct conn){.magic = CONN_MAGIC, .conf = conf, .ws = ws};
	c->ring = &c->one;
	c->ring_size = 1;
	crypt_random(c->id, sizeof(c->id));
}

/* Nothing waits: back to the room for one, so that an idle connection keeps no block for it. */
static void
shrink(struct conn *c)
{
	if (c->ring == &c->one)
		return;
	free(c->ring);
	c->ring = &c->one;
	c->ring_size = 1;
	c->first = 0;
}

void
conn_finish(struct conn *c)
{
	assert(c->subs == NULL);
	conn_drop(c);
	shrink(c);
	sse_destroy(c->sse);
	free(c->hints);
	free(c->blocked);
	if (c->partial != NULL)
		buf_finish(c->partial);
	free(c->partial);
	*c = (struct conn){0};
}

void
conn_socket_id(const struct conn *c, char out[CONN_ID_SIZE])
{
	(void)snprintf(out, CONN_ID_SIZE, "%" PRIu32 ".%" PRIu32, c->id[0], c->id[1]);
}

void
conn_set_id(struct conn *c, const char *text)
{
	char *end;
	unsigned long a = strtoul(text, &end, 10), b = *end == '.' ? strtoul(end + 1, &end, 10) : 0;

	if (b == 0 || a > UINT32_MAX || b > UINT32_MAX || *end != '\0')
		return;
	c->id[0] = (uint32_t)a;
	c->id[1] = (uint32_t)b;
}

void
conn_set_address(struct conn *c, const char *text)
{
	char mapped[64];

	(void)snprintf(mapped, sizeof(mapped), "::ffff:%.40s", text);
	if (inet_pton(AF_INET6, mapped, c->address) != 1)
		(void)inet_pton(AF_INET6, text, c->address);
}

void
conn_log(const struct conn *c, const char *what)
{
	char id[CONN_ID_SIZE], address[INET6_ADDRSTRLEN];

	conn_socket_id(c, id);
	if (inet_ntop(AF_INET6, c->address, address, sizeof(address)) == NULL)
		address[0] = '\0';
	log_debug(
	    "%s %s from %s", what, id, strncmp(address, "::ffff:", 7) == 0 ? address + 7 : address);
}

static uint32_t
place(const struct conn *c, uint32_t i)
{
	return (c->first + i) & (c->ring_size - 1); /* sizes are powers of two */
}

static void
grow(struct conn *c)
{
	uint32_t size = c->ring_size < RING_FIRST ? RING_FIRST : 2 * c->ring_size;
	struct msg **ring = calloc(size, sizeof(struct msg *));

	if (ring == NULL)
		abort();
	for (uint32_t i = 0; i < c->count; i++)
		ring[i] = c->ring[place(c, i)];
	if (c->ring != &c->one)
		free(c->ring);
	c->ring = ring;
	c->ring_size = size;
	c->first = 0;
}

static bool
is_over(const struct conn *c, const struct msg *m)
{
	return c->count > 0 &&
	       (c->count >= (uint64_t)c->conf->push_queue_events + c->extra ||
		   c->bytes + m->size > (uint64_t)c->conf->push_queue_bytes + c->extra_bytes);
}

bool
conn_send(struct conn *c, struct msg *m)
{
	if (c->closing != 0)
		return true;
	if (is_over(c, m))
		turn_flush(c); /* it may only have been too much for one turn of the loop */
	if (is_over(c, m)) {
		turn_end(c, CODE_TOO_SLOW, "too slow");
		return false;
	}
	if (c->count == c->ring_size)
		grow(c);
	c->ring[place(c, c->count)] = msg_get(m);
	c->bytes += m->size;
	stats.deliveries++;
	if (c->count++ == 0)
		turn_wake(c);
	return true;
}

bool
conn_give(struct conn *c, struct msg *m)
{
	bool ok = conn_send(c, m);

	msg_put(m);
	return ok;
}

/* ---- what may be lost */

/* Whether so many eighths of the queue are taken. */
static bool
is_filled(const struct conn *c, unsigned eighths)
{
	uint64_t events = (uint64_t)c->conf->push_queue_events + c->extra;
	uint64_t bytes = (uint64_t)c->conf->push_queue_bytes + c->extra_bytes;

	return c->count > 0 &&
	       (8 * (uint64_t)c->count >= eighths * events || 8 * c->bytes >= eighths * bytes);
}

/* The same after whatever can be written now was written. */
static bool
stays_filled(struct conn *c, unsigned eighths)
{
	if (is_filled(c, eighths) && c->closing == 0)
		turn_flush(c);
	return is_filled(c, eighths);
}

/* The message queued last can be replaced. */
static void
note_hint(struct conn *c, uint32_t key)
{
	struct hints *h = c->hints;

	if (h == NULL && (h = c->hints = calloc(1, sizeof(*h))) == NULL)
		abort();
	h->p[h->next].at = c->taken + c->count - 1;
	h->p[h->next].key = key;
	h->next = (h->next + 1) % HINTS;
}

/* Takes the place of the latest one with this key. */
static void
replace_hint(struct conn *c, struct msg *m, uint32_t key)
{
	const struct hints *h = key == 0 ? NULL : c->hints;

	for (uint32_t i = 1; h != NULL && i <= HINTS; i++) {
		uint32_t k = (h->next - i) % HINTS, at = h->p[k].at - c->taken;
		struct msg **old;

		if (h->p[k].key != key || at >= c->count)
			continue;
		old = &c->ring[place(c, at)];
		c->bytes += m->size;
		c->bytes -= (*old)->size;
		msg_put(*old);
		*old = msg_get(m);
		return;
	}
}

void
conn_hint(struct conn *c, struct msg *m, uint32_t key)
{
	if (stays_filled(c, HINT_EIGHTHS)) {
		replace_hint(c, m, key);
		stats.deliveries_dropped++;
		return;
	}
	(void)conn_send(c, m);
	if (key != 0 && c->count > 0)
		note_hint(c, key);
}

void
conn_signal(struct conn *c, struct msg *m)
{
	if (stays_filled(c, SIGNAL_EIGHTHS))
		stats.deliveries_dropped++;
	else
		(void)conn_send(c, m);
}

struct msg *
conn_peek(const struct conn *c)
{
	return c->count == 0 ? NULL : c->ring[c->first];
}

void
conn_sent(struct conn *c)
{
	struct msg *m = conn_peek(c);

	assert(m != NULL);
	c->first = place(c, 1);
	c->taken++;
	c->bytes -= m->size;
	stats.deliveries_taken++;
	msg_put(m);
	if (--c->count > 0)
		return;
	c->extra = 0;
	c->extra_bytes = 0;
	shrink(c);
}

size_t
conn_gather(struct conn *c, unsigned char *room, size_t size)
{
	struct msg *m;
	size_t n = 0;

	while ((m = conn_peek(c)) != NULL && m->size <= size - n) {
		memcpy(room + n, m->frame, m->size);
		n += m->size;
		conn_sent(c);
	}
	return n;
}

void
conn_drop(struct conn *c)
{
	while (conn_peek(c) != NULL)
		conn_sent(c);
}

bool
conn_collect(struct conn *c, const char *piece, size_t n, bool last, struct buf *whole)
{
	if (c->partial == NULL) {
		if ((c->partial = malloc(sizeof(*c->partial))) == NULL)
			abort();
		buf_init(c->partial, (size_t)c->conf->push_frame_max); /* the tap sees to it */
	}
	buf_add(c->partial, piece, n);
	if (!last)
		return false;
	*whole = *c->partial;
	free(c->partial);
	c->partial = NULL;
	return true;
}
