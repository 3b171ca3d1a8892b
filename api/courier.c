/* SPDX-License-Identifier: MIT */
/* See courier.h. Like the feeder it uses a request's memory and database functions without one.
 *
 * Two couriers at a time would spoil the order, so the one that works holds a lock of the database,
 * which ends with its connection. The parent starts no second one, but there may be two hosts.
 */
#include "courier.h"

#include "db.h"
#include "http.h"
#include "req.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#define IDLE_MS     200  /* between two looks into an empty table */
#define PAUSE_MS    1000 /* after the first failure; doubled with each further one */
#define PAUSE_MAX   30000
#define BATCH_ROWS  100
#define BATCH_BYTES ((size_t)256 << 10)

struct courier {
	struct req r; /* memory, settings, database */
	struct http *http;
	struct worker_slot *slot;
	struct buf posted;     /* ids that are answered and not yet deleted, as a JSON list */
	int64_t pause;         /* after the next failure */
	int64_t failing_since; /* monotonic; 0: all is well */
	uint64_t dropped;
};

struct batch {
	struct buf *body, *ids;
	size_t events;
};

static volatile sig_atomic_t stopping;

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

/* Puts the oldest rows into one body; the first one always fits. */
static void
fill(struct req *r, const json_t *rows, struct batch *b)
{
	const json_t *row;
	size_t i;

	b->events = 0;
	b->body = req_buf(r, (size_t)1 << 20);
	b->ids = req_buf(r, 8192);
	buf_printf(b->body, "{\"time_ms\":%" PRId64 ",\"events\":[", clock_wall());
	json_array_foreach (rows, i, row) {
		const char *event = row_text(row, "body");

		if (i > 0 && b->body->n + strlen(event) > BATCH_BYTES)
			break;
		buf_printf(b->ids, "%c%" PRIu64, i == 0 ? '[' : ',', row_id(row, "id"));
		buf_addstr(b->body, i == 0 ? "" : ",");
		buf_addstr(b->body, event);
		b->events++;
	}
	buf_addstr(b->body, "]}");
	buf_addch(b->ids, ']');
}

/* The status of the answer, 0 if there was none. */
static int
post(struct courier *c, const struct batch *b, char why[HTTP_WHY_SIZE])
{
	struct req *r = &c->r;
	const struct str body = {b->body->p, b->body->n};
	char signature[CRYPT_HEX_SIZE];
	struct http_post p = {.url = r->conf->webhook_url, .body = body, .stop = &stopping};
	int status;

	crypt_hmac_hex(str_of(r->conf->app_secret), body, signature);
	p.headers[0] = "Content-Type: application/json";
	p.headers[1] = arena_printf(&r->mem, "X-Pusher-Key: %s", r->conf->app_key);
	p.headers[2] = arena_printf(&r->mem, "X-Pusher-Signature: %s", signature);
	/* libcurl keeps its own time. */
	atomic_store(&c->slot->busy_since, 0);
	status = http_post(c->http, &p, why);
	atomic_store(&c->slot->busy_since, clock_mono());
	return status;
}

static void
expire(struct courier *c)
{
	int64_t seconds = c->r.conf->webhook_retry;
	uint64_t dropped = 0;

	if (clock_mono() - c->failing_since < seconds * 1000 ||
	    sql_hook_expire(&c->r, seconds, &dropped) != OK || dropped == 0)
		return;
	c->dropped += dropped;
	log_warn("dropped %" PRIu64 " webhook events that could not be posted for %" PRId64
		 " s; %" PRIu64 " since the start",
	    dropped, seconds, c->dropped);
}

/* Returns how long to wait: half of the pause is chance, so that not all who wait for a server come
 * back to it at once. */
static int
fail(struct courier *c, int status, const char *why)
{
	int64_t half = c->pause / 2;

	if (c->failing_since == 0) {
		c->failing_since = clock_mono();
		if (status != 0)
			log_warn("webhook_url answers %d; trying again", status);
		else
			log_warn("webhook_url does not answer: %s; trying again", why);
	}
	expire(c);
	c->pause = c->pause * 2 > PAUSE_MAX ? PAUSE_MAX : c->pause * 2;
	return (int)(half + (int64_t)(crypt_random64() % (uint64_t)half));
}

static void
succeed(struct courier *c, const struct batch *b)
{
	if (c->failing_since != 0)
		log_info("webhook_url takes events again");
	c->failing_since = 0;
	c->pause = PAUSE_MS;
	buf_add(&c->posted, b->ids->p, b->ids->n);
}

/* Deletes what was posted; until that is done nothing else is. */
static bool
clear(struct courier *c)
{
	if (c->posted.n == 0)
		return true;
	if (sql_hook_done(&c->r, c->posted.p, NULL) != OK)
		return false;
	buf_clear(&c->posted);
	return true;
}

/* Takes one step; returns the milliseconds until the next one. */
static int
step(struct courier *c)
{
	struct req *r = &c->r;
	char why[HTTP_WHY_SIZE];
	struct batch b;
	json_t *row, *rows;
	int status;

	if (db_ready(r->db) != OK)
		return PAUSE_MS;
	if (sql_hook_claim(r, &row) != OK || row_id(row, "mine") != 1 || !clear(c) ||
	    sql_hook_next(r, BATCH_ROWS, &rows) != OK || json_array_size(rows) == 0)
		return IDLE_MS;
	fill(r, rows, &b);
	status = post(c, &b, why);
	if (status < 200 || status >= 300)
		return stopping ? 0 : fail(c, status, why);
	succeed(c, &b);
	return clear(c) ? 0 : IDLE_MS;
}

/* Sleeps, if nobody says stop. */
static void
nap(int ms)
{
	for (int64_t end = clock_mono() + ms; !stopping && clock_mono() < end;)
		(void)usleep((useconds_t)(ms < IDLE_MS ? ms : IDLE_MS) * 1000);
}

int
courier_run(const struct conf *conf, struct worker_slot *slot)
{
	static struct courier c;
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	c = (struct courier){.r = {.conf = conf, .db = db_create(conf)}, .slot = slot};
	c.http = http_create();
	c.pause = PAUSE_MS;
	arena_init(&c.r.mem);
	buf_init(&c.posted, 8192);
	log_info("the courier posts webhooks");
	while (!stopping) {
		int wait;

		atomic_store(&slot->busy_since, clock_mono());
		wait = step(&c);
		atomic_store(&slot->busy_since, 0);
		arena_reset(&c.r.mem);
		nap(wait);
	}
	buf_finish(&c.posted);
	arena_finish(&c.r.mem);
	http_destroy(c.http);
	db_destroy(c.r.db);
	return 0;
}
