/* SPDX-License-Identifier: MIT */
/* See feeder.h. In its idle time it does chores: it erases what deleted rooms and accounts left
 * (purge.c, erasure.c), what rooms forget (retention.c) and what has expired (sweep.c), and indexes
 * what is older than searches are (roomlists.c, userlists.c), tells of votes and closes polls
 * (polls.c), sends what was written for now (scheduled.c), reminds people (reminders.c) and asks
 * push who is still at their desk (deskwatch.c). And it stores the events of webhooks that push
 * sends (hooks.c). It uses a request's memory and database functions without a request: each packet
 * from push is one life of the arena.
 */
#include "feeder.h"

#include "alerts.h"
#include "callwatch.h"
#include "db.h"
#include "deskwatch.h"
#include "erasure.h"
#include "events.h"
#include "filesweep.h"
#include "hooks.h"
#include "notify.h"
#include "polls.h"
#include "purge.h"
#include "reactions.h"
#include "reminders.h"
#include "retention.h"
#include "rooms.h"
#include "scheduled.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "sweep.h"
#include "userlists.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define IDLE_MS  1000
#define PURGE_MS 20   /* between two steps, so that erasing takes a part of one core only */
#define RETRY_MS 100  /* between attempts to reach push or the database */
#define WAIT_MS  2000 /* for a push that does not read; then the connection starts anew */

struct feeder {
	struct req r; /* memory, settings, database */
	int bus;      /* -1: not connected */
	bool missing; /* said so in the log */
	struct worker_slot *slot;
	int64_t erase_at; /* when something is erased next, monotonic */
	uint64_t indexed; /* rooms up to this id can be searched for */
	struct hooks hooks;
	struct deskwatch desks;
	struct callwatch calls;
	char packet[WIRE_MAX];
};

static volatile sig_atomic_t stopping;

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

/* Unlike a worker the feeder may wait: an answer is of use only whole. */
static bool
send_packet(struct feeder *f, const struct wire_packet *p)
{
	struct pollfd room = {.fd = f->bus, .events = POLLOUT};
	enum wire_result result = wire_send(f->bus, p);

	while (result == WIRE_AGAIN && !stopping) {
		if (poll(&room, 1, WAIT_MS) <= 0)
			return false;
		result = wire_send(f->bus, p);
	}
	return result == WIRE_OK;
}

/* Sends one event as the worker sent it, or would have. */
static bool
send_event(struct feeder *f, const struct wire_packet *need, const json_t *event)
{
	struct stream_pos at = {need->kind, need->stream, row_id(event, "seq"),
	    strtoull(row_text(event, "mid"), NULL, 10), 0};
	struct wire_packet p;

	notify_fill(
	    &f->r, &p, WIRE_FETCHED, &at, row_text(event, "type"), json_object_get(event, "data"));
	return send_packet(f, &p);
}

/* Everything above a seq, then the head. A database that can't answer now leaves the question
 * open: push asks again. */
static bool
on_need(struct feeder *f, const struct wire_packet *p)
{
	struct wire_packet end = {
	    .op = WIRE_HEAD, .kind = p->kind, .stream = p->stream, .user = p->seq, .mid = p->mid};
	struct stream_pos head;
	json_t *events, *event;
	size_t i;

	if (stream_head(&f->r, p->kind, p->stream, &head) != OK ||
	    events_read(&f->r, p->kind, p->stream, p->seq, head.seq, p->user, &events) != OK)
		return true;
	end.seq = head.seq;
	end.prev = head.mid;
	json_array_foreach (events, i, event) {
		if (!send_event(f, p, event))
			return false;
	}
	return send_packet(f, &end);
}

/* The ids as a JSON array, which the statement takes apart again. */
static const char *
id_list(struct arena *mem, const struct wire_head *heads, size_t n)
{
	struct buf text;
	const char *out;

	buf_init(&text, (size_t)1 << 20);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%c%" PRIu64, i == 0 ? '[' : ',', heads[i].id);
	buf_addch(&text, ']');
	out = arena_strndup(mem, text.p, text.n);
	buf_finish(&text);
	return out;
}

/* The last seq that push named for a stream. */
static uint64_t
asked_last(const struct wire_head *heads, size_t n, uint64_t id)
{
	size_t i = 0;

	while (i < n && heads[i].id != id)
		i++;
	return i < n ? heads[i].last : 0;
}

static bool
on_ask(struct feeder *f, const struct wire_packet *p)
{
	struct wire_packet out = {.op = WIRE_HEADS, .kind = p->kind};
	size_t n = p->body.n / sizeof(struct wire_head), i;
	struct wire_head *asked = arena_alloc(&f->r.mem, p->body.n), *heads;
	json_t *rows, *row;

	memcpy(asked, p->body.p, n * sizeof(*asked));
	if (n == 0 || sql_stream_heads(&f->r, p->kind, id_list(&f->r.mem, asked, n), &rows) != OK)
		return true;
	heads = arena_alloc(&f->r.mem, json_array_size(rows) * sizeof(*heads));
	json_array_foreach (rows, i, row) {
		heads[i].id = row_id(row, "id");
		heads[i].last = asked_last(asked, n, heads[i].id);
		heads[i].head = row_id(row, "head");
		heads[i].mid = row_id(row, "mid");
	}
	out.body = (struct str){(const char *)heads, json_array_size(rows) * sizeof(*heads)};
	return send_packet(f, &out);
}

/* Answers one packet; false: the connection is of no more use. */
static bool
answer(struct feeder *f)
{
	struct wire_packet p;
	enum wire_result result = wire_recv(f->bus, f->packet, &p);

	if (result == WIRE_CLOSED)
		return false;
	if (result == WIRE_OK && p.op == WIRE_HOOK)
		hooks_take(&f->hooks, &f->r, p.body);
	if (result != WIRE_OK || p.op == WIRE_HOOK || db_ready(f->r.db) != OK)
		return true;
	if (p.op == WIRE_SEEN)
		(void)sql_presence_seen(&f->r, p.user, NULL); /* the next time counts, too */
	if (p.op == WIRE_SEATED)
		deskwatch_heard(&f->r, p.body);
	if (p.op == WIRE_CALLED)
		callwatch_heard(&f->r, p.body);
	if (p.op == WIRE_NEED)
		return on_need(f, &p);
	return p.op != WIRE_ASK || on_ask(f, &p);
}

static void
reach(struct feeder *f)
{
	const struct wire_packet hello = {.op = WIRE_FEEDER};

	f->bus = wire_connect(f->r.conf->bus_socket);
	if (f->bus >= 0 && !send_packet(f, &hello)) {
		(void)close(f->bus);
		f->bus = -1;
	}
	if (f->bus < 0 && !f->missing)
		log_warn("maru-push does not answer at %s", f->r.conf->bus_socket);
	else if (f->bus >= 0)
		log_info("connected to maru-push");
	f->missing = f->bus < 0;
}

/* A little of each; true: there may be more. */
static bool
chores(struct feeder *f)
{
	bool more = purge_step(&f->r);

	more = retention_step(&f->r) || more;
	more = sweep_step(&f->r) || more;
	more = filesweep_step(&f->r) || more;
	more = alerts_step(&f->r) || more;
	more = erasure_step(&f->r) || more;
	more = polls_step(&f->r) || more;
	more = reactions_step(&f->r) || more;
	more = scheduled_step(&f->r) || more;
	more = reminders_step(&f->r) || more;
	more = users_index_step(&f->r) || more;
	return rooms_index_step(&f->r, &f->indexed) || more;
}

static void
ask(struct feeder *f, const struct wire_packet *p)
{
	if (f->bus >= 0 && !send_packet(f, p)) {
		(void)close(f->bus);
		f->bus = -1;
	}
}

/* Asks who is still at their desk, or in their call; true: there are more of them. */
static bool
look(struct feeder *f, int64_t now)
{
	struct wire_packet p;

	if (f->bus < 0)
		return false;
	if (deskwatch_ask(&f->desks, &f->r, now, &p))
		ask(f, &p);
	if (callwatch_ask(&f->calls, &f->r, now, &p))
		ask(f, &p);
	return f->desks.after != 0 || f->calls.call != 0;
}

/* Erases and indexes a little when it is time for that; returns the milliseconds until the next
 * time. */
static int
erase(struct feeder *f)
{
	int64_t now = clock_mono();
	bool more;

	if (now >= f->erase_at) {
		more = chores(f);
		more = look(f, now) || more;
		f->erase_at = now + (more ? PURGE_MS : IDLE_MS);
		arena_reset(&f->r.mem);
	}
	return (int)(f->erase_at - now);
}

/* Stores webhook events when it is time; returns the milliseconds to wait, at most as many. */
static int
store(struct feeder *f, int wait)
{
	int left;

	if (hooks_due(&f->hooks, clock_mono(), &left)) {
		atomic_store(&f->slot->busy_since, clock_mono());
		hooks_store(&f->hooks, &f->r);
		atomic_store(&f->slot->busy_since, 0);
		arena_reset(&f->r.mem);
		(void)hooks_due(&f->hooks, clock_mono(), &left);
	}
	return left > 0 && left < wait ? left : wait;
}

static void
turn(struct feeder *f)
{
	struct pollfd p = {.fd = f->bus, .events = POLLIN};
	int wait = store(f, erase(f));

	if (f->bus < 0) {
		reach(f);
		if (f->bus < 0)
			(void)usleep(RETRY_MS * 1000);
		return;
	}
	atomic_store(&f->slot->busy_since, 0);
	if (poll(&p, 1, wait) <= 0)
		return;
	atomic_store(&f->slot->busy_since, clock_mono());
	if (!answer(f)) {
		(void)close(f->bus);
		f->bus = -1;
	}
	arena_reset(&f->r.mem);
}

/* Questions are asked again of the next feeder; webhook events were given to this one alone. */
static void
leave(struct feeder *f)
{
	struct wire_packet p;

	while (f->bus >= 0 && wire_recv(f->bus, f->packet, &p) == WIRE_OK) {
		if (p.op == WIRE_HOOK)
			hooks_take(&f->hooks, &f->r, p.body);
	}
	if (f->hooks.waiting.n > 0)
		hooks_store(&f->hooks, &f->r);
	if (f->bus >= 0)
		(void)close(f->bus);
}

int
feeder_run(const struct conf *conf, struct worker_slot *slot)
{
	static struct feeder f;
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	f = (struct feeder){
	    .r = {.conf = conf, .db = db_create(conf), .notify = notify_create(conf)},
	    .bus = -1,
	    .slot = slot};
	arena_init(&f.r.mem);
	hooks_init(&f.hooks);
	while (!stopping)
		turn(&f);
	leave(&f);
	hooks_finish(&f.hooks);
	arena_finish(&f.r.mem);
	notify_destroy(f.r.notify);
	db_destroy(f.r.db);
	return 0;
}
