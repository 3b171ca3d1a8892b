/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include "shared/channel.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "shared/log.h"
#include "shared/veil.h"
#include "timing.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MS 100  /* between two attempts to reach a daemon that is not there */
#define WAIT_MS  2000 /* in notify_deliver(), for one packet */

struct notice {
	struct notice *next;
	struct wire_packet packet;
};

struct notify {
	const struct conf *conf;
	int fd;           /* -1: not connected */
	int64_t next_try; /* monotonic */
	bool missing;     /* said so in the log */
	uint64_t dropped;
};

struct notify *
notify_create(const struct conf *conf)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (n == NULL)
		abort();
	n->conf = conf;
	n->fd = -1;
	return n;
}

static void
disconnect(struct notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}

void
notify_destroy(struct notify *n)
{
	if (n == NULL)
		return;
	disconnect(n);
	free(n);
}

static bool
reach(struct notify *n)
{
	int64_t now = clock_mono();

	if (n->fd >= 0)
		return true;
	if (now < n->next_try)
		return false;
	if ((n->fd = wire_connect(n->conf->bus_socket)) >= 0) {
		if (n->missing)
			log_info("maru-push is back, %" PRIu64 " packets were dropped", n->dropped);
		n->missing = false;
		return true;
	}
	n->next_try = now + RETRY_MS;
	if (!n->missing)
		log_warn(
		    "maru-push does not answer at %s: %s", n->conf->bus_socket, strerror(errno));
	n->missing = true;
	return false;
}

bool
notify_alive(struct notify *n)
{
	char byte;

	/* The daemon never sends to a worker: reading tells only whether it is still there. */
	if (n->fd >= 0 && recv(n->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
		disconnect(n);
	return reach(n);
}

const char *
notify_channel(struct arena *mem, enum wire_kind kind, uint64_t id)
{
	char name[CHANNEL_TEXT_SIZE];

	return arena_strndup(mem, name, channel_write(kind, id, name));
}

/* Appends, so that packets leave in the order in which things happened. */
static struct wire_packet *
queue(struct req *r)
{
	struct notice *n = arena_alloc(&r->mem, sizeof(*n)), **last = &r->notices;

	while (*last != NULL)
		last = &(*last)->next;
	*last = n;
	return &n->packet;
}

static int
put(const char *text, size_t n, void *out)
{
	buf_addjson(out, text, n);
	return 0;
}

/* Puts into the header what push has to do after the event. */
static void
set_effect(struct wire_packet *p, const char *type, const json_t *data)
{
	enum event_effect effect = event_effect(type);

	if (p->kind == WIRE_SYSTEM && effect == EVENT_ENDS_SESSION) {
		p->user = row_id(data, "user");
		p->session = row_id(data, "session");
	} else if (p->kind == WIRE_SYSTEM && effect == EVENT_CHANGES_BLOCK) {
		p->user = row_id(data, "user");
		p->sender = row_id(data, "other");
		p->session =
		    wire_block(row_id(data, "at"), json_is_true(json_object_get(data, "on")));
	} else if (p->kind == WIRE_ROOM && effect == EVENT_REMOVES_ONE) {
		p->user = row_id(data, "id");
	} else if (p->kind == WIRE_ROOM && effect == EVENT_REMOVES_ALL) {
		p->user = WIRE_EVERYBODY;
	}
}

/* Fills the header, and begins the body up to where the data is written into the string. */
static struct buf *
begin(struct req *r, struct wire_packet *p, enum wire_op op, const struct stream_pos *at,
    const char *type)
{
	struct buf *body = req_buf(r, WIRE_MAX);

	*p = (struct wire_packet){.op = op,
	    .kind = at->kind,
	    .stream = at->id,
	    .seq = at->seq,
	    .mid = at->mid,
	    .prev = at->prev};
	p->channel = str_of(notify_channel(&r->mem, at->kind, at->id));
	buf_printf(body, "{\"event\":\"%s\",\"channel\":\"%s\",\"data\":\"", type, p->channel.p);
	return body;
}

static void
end(struct wire_packet *p, struct buf *body)
{
	buf_addstr(body, "\"}");
	p->body = (struct str){body->p, body->n};
}

void
notify_fill(struct req *r, struct wire_packet *p, enum wire_op op, const struct stream_pos *at,
    const char *type, const json_t *data)
{
	struct buf *body = begin(r, p, op, at, type);

	(void)json_dump_callback(data, put, body, JSON_COMPACT);
	end(p, body);
	if (p->kind == WIRE_ROOM) {
		p->sender = veil_sender(data);
		p->session = veil_target(data);
	}
	set_effect(p, type, data);
}

void
notify_event(struct req *r, const struct stream_pos *at, enum event ev, const json_t *data)
{
	notify_fill(r, queue(r), WIRE_EVENT, at, event_name(ev), data);
}

void
notify_text(struct req *r, const struct stream_pos *at, enum event ev, struct str data)
{
	struct wire_packet *p = queue(r);
	struct buf *body = begin(r, p, WIRE_EVENT, at, event_name(ev));

	p->sender = r->user;
	buf_addjson(body, data.p, data.n);
	end(p, body);
}

void
notify_signal(
    struct req *r, const char *channel, const char *event, struct str data, uint64_t except)
{
	struct wire_packet *p = queue(r);
	struct buf *body = req_buf(r, WIRE_MAX);

	*p = (struct wire_packet){.op = WIRE_SIGNAL, .channel = str_of(channel), .user = except};
	buf_addstr(body, "{\"event\":\"");
	buf_addjson(body, event, strlen(event));
	buf_printf(body, "\",\"channel\":\"%s\",\"data\":\"", channel);
	buf_addjson(body, data.p, data.n);
	end(p, body);
}

void
notify_read(struct req *r, uint64_t room, uint64_t seq, bool shown)
{
	*queue(r) = (struct wire_packet){.op = WIRE_READ,
	    .kind = WIRE_ROOM,
	    .stream = room,
	    .seq = seq,
	    .user = r->user,
	    .session = shown,
	    .channel = str_of(notify_channel(&r->mem, WIRE_ROOM, room))};
}

void
notify_cut(struct req *r, const char *user, unsigned code)
{
	*queue(r) = (struct wire_packet){.op = WIRE_CUT, .user = code, .body = str_of(user)};
}

void
notify_revoke(struct req *r, const char *channel, uint64_t user, uint64_t seq)
{
	*queue(r) = (struct wire_packet){
	    .op = WIRE_REVOKE, .channel = str_of(channel), .user = user, .seq = seq};
}

/* A daemon that was restarted is met again at once: its old socket says so at the first send. */
static enum wire_result
send_packet(struct notify *n, const struct wire_packet *p)
{
	enum wire_result result = WIRE_CLOSED;

	for (int i = 0; i < 2 && result == WIRE_CLOSED && reach(n); i++) {
		result = wire_send(n->fd, p);
		if (result == WIRE_CLOSED)
			disconnect(n);
	}
	return result;
}

void
notify_flush(struct req *r)
{
	int64_t since = timing_now();

	if (r->notices == NULL)
		return;
	CRASH_POINT("api.after_commit");
	for (struct notice *n = r->notices; n != NULL; n = n->next) {
		/* Not when it was queued: what was signed before COMMIT has to look older. */
		n->packet.time = clock_wall();
		if (send_packet(r->notify, &n->packet) != WIRE_OK)
			r->notify->dropped++;
	}
	timing_add(TIMING_NOTIFY, since);
	CRASH_POINT("api.after_notify");
	r->notices = NULL;
}

bool
notify_deliver(struct req *r)
{
	struct notify *n = r->notify;
	enum wire_result result = WIRE_OK;
	int64_t since = timing_now();

	for (struct notice *next = r->notices; next != NULL && result == WIRE_OK;
	     next = next->next) {
		struct pollfd room = {.events = POLLOUT};

		next->packet.time = clock_wall();
		result = send_packet(n, &next->packet);
		room.fd = n->fd;
		if (result == WIRE_AGAIN && poll(&room, 1, WAIT_MS) > 0)
			result = send_packet(n, &next->packet);
	}
	r->notices = NULL;
	timing_add(TIMING_NOTIFY, since);
	return result == WIRE_OK;
}
