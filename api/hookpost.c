/* SPDX-License-Identifier: MIT */
/* Posts to webhook_url what lies in the table hook; see courier.h.
 *
 * In order, batch by batch, as Pusher does it: {"time_ms", "events": [...]}, signed with
 * app_secret. A batch that is not answered with 2xx is posted again, with growing pauses. Once that
 * has gone wrong for webhook_retry seconds, events older than that are dropped.
 *
 * Two couriers at a time would spoil the order, so the one that works holds a lock of the database,
 * which ends with its connection. The parent starts no second one, but there may be two hosts.
 */
#include "courier.h"
#include "db.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>

#define PAUSE_MS    1000 /* after the first failure; doubled with each further one */
#define PAUSE_MAX   30000
#define BATCH_ROWS  100
#define BATCH_BYTES ((size_t)256 << 10)
#define POSTED_MAX  8192

/* Of the one process that runs this. */
static struct {
	char posted[POSTED_MAX]; /* ids that are answered and not yet deleted, as a JSON list */
	int64_t pause;           /* after the next failure; 0: not set yet */
	int64_t failing_since;   /* monotonic; 0: all is well */
	uint64_t dropped;
} state;

struct batch {
	struct buf *body, *ids;
	size_t events;
};

/* Puts the oldest rows into one body; the first one always fits. */
static void
fill(struct req *r, const json_t *rows, struct batch *b)
{
	const json_t *row;
	size_t i;

	b->events = 0;
	b->body = req_buf(r, (size_t)1 << 20);
	b->ids = req_buf(r, POSTED_MAX - 1);
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
post(struct courier *c, const struct batch *b, char why[REMOTE_WHY_SIZE])
{
	struct req *r = &c->r;
	const struct str body = {b->body->p, b->body->n};
	char signature[CRYPT_HEX_SIZE];
	struct remote_http h = {.url = r->conf->webhook_url, .body = body, .stop = courier_stop()};
	int status;

	crypt_hmac_hex(str_of(r->conf->app_secret), body, signature);
	h.headers[0] = "Content-Type: application/json";
	h.headers[1] = arena_printf(&r->mem, "X-Pusher-Key: %s", r->conf->app_key);
	h.headers[2] = arena_printf(&r->mem, "X-Pusher-Signature: %s", signature);
	courier_leave(c);
	status = remote_http(c->remote, &h, why);
	courier_return(c);
	return status;
}

static void
expire(struct req *r)
{
	int64_t seconds = r->conf->webhook_retry;
	uint64_t dropped = 0;

	if (clock_mono() - state.failing_since < seconds * 1000 ||
	    sql_hook_expire(r, seconds, &dropped) != OK || dropped == 0)
		return;
	state.dropped += dropped;
	log_warn("dropped %" PRIu64 " webhook events that could not be posted for %" PRId64
		 " s; %" PRIu64 " since the start",
	    dropped, seconds, state.dropped);
}

/* Returns how long to wait: half of the pause is chance, so that not all who wait for a server come
 * back to it at once. */
static int
fail(struct req *r, int status, const char *why)
{
	int64_t half;

	if (state.pause == 0)
		state.pause = PAUSE_MS;
	half = state.pause / 2;
	if (state.failing_since == 0) {
		state.failing_since = clock_mono();
		if (status != 0)
			log_warn("webhook_url answers %d; trying again", status);
		else
			log_warn("webhook_url does not answer: %s; trying again", why);
	}
	expire(r);
	state.pause = state.pause * 2 > PAUSE_MAX ? PAUSE_MAX : state.pause * 2;
	return (int)(half + (int64_t)(crypt_random64() % (uint64_t)half));
}

static void
succeed(const struct batch *b)
{
	if (state.failing_since != 0)
		log_info("webhook_url takes events again");
	state.failing_since = 0;
	state.pause = PAUSE_MS;
	memcpy(state.posted, b->ids->p, b->ids->n + 1);
}

/* Deletes what was posted; until that is done nothing else is. */
static bool
clear(struct req *r)
{
	if (state.posted[0] == '\0')
		return true;
	if (sql_hook_done(r, state.posted, NULL) != OK)
		return false;
	state.posted[0] = '\0';
	return true;
}

static int
step(struct courier *c)
{
	struct req *r = &c->r;
	char why[REMOTE_WHY_SIZE];
	struct batch b;
	json_t *row, *rows;
	int status;

	if (db_ready(r->db) != OK)
		return PAUSE_MS;
	if (sql_hook_claim(r, &row) != OK || row_id(row, "mine") != 1 || !clear(r) ||
	    sql_hook_next(r, BATCH_ROWS, &rows) != OK || json_array_size(rows) == 0)
		return COURIER_IDLE_MS;
	fill(r, rows, &b);
	status = post(c, &b, why);
	if (status < 200 || status >= 300)
		return *courier_stop() ? 0 : fail(r, status, why);
	succeed(&b);
	return clear(r) ? 0 : COURIER_IDLE_MS;
}

const struct errand errand_hooks = {"the courier posts webhooks", step};
