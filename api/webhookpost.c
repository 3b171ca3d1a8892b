/* SPDX-License-Identifier: MIT */
/* Posts what happens in rooms to their webhooks; see courier.h.
 *
 * The room's stream is the queue: `seen` of a webhook says up to which seq events have become rows
 * of delivery, and both are stored in one transaction, so each event becomes one delivery, whatever
 * dies. Sending a message costs nothing more for it.
 *
 * Of each webhook one delivery is under way, the first that waits, until it is answered with 2xx or
 * given up: the order holds, and a target that fails holds back its own deliveries alone. Many
 * webhooks are called at once, and some of the calls are kept for those that answer quickly. A
 * delivery that fails comes again after 1 s, 2 s and so on up to half an hour, for three days; a
 * webhook of which nothing was taken for five days is stopped.
 *
 * Signed as standardwebhooks.com has it. A crash between the answer and our COMMIT makes a delivery
 * come twice, with the same id. Only one poster works at a time, by a lock of the database.
 */
#include "blocks.h"
#include "courier.h"
#include "db.h"
#include "events.h"
#include "fetcher.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"
#include "webhooks.h"

#include <inttypes.h>
#include <unistd.h>

#define CALLS       64
#define CALLS_SLOW  48 /* of them, for webhooks whose last call took SLOW_MS */
#define SLOW_MS     1000
#define LIMIT_MS    15000
#define LOOK_MS     250  /* between two looks at the rooms */
#define RETRY_MS    200  /* while the database is away */
#define MOVED_MAX   1000 /* webhooks of one look */
#define MAKE_MAX    500  /* events at once */
#define WAITING_MAX 1000 /* deliveries of a webhook; the others stay in the log of the room */
#define PAUSE_MAX   1800 /* seconds */
#define PAUSE_STEPS 11   /* after which doubling has passed that */
#define GONE        410  /* the answer of a target that wants nothing more */
#define ERROR_SIZE  256

/* A delivery that is under way. */
struct post {
	uint64_t webhook, seq; /* 0: none */
	uint64_t tries;
	bool slow, stale, hopeless;
};

/* Of the one process that runs this. */
static struct {
	struct fetcher *fetcher;
	struct post posts[CALLS];
	unsigned slow;   /* posts to those that are */
	int64_t look_at; /* monotonic */
	bool due;        /* something may be to be posted */
} state;

static struct post *
find_post(uint64_t webhook)
{
	for (size_t i = 0; i < CALLS; i++) {
		if (state.posts[i].webhook == webhook)
			return &state.posts[i];
	}
	return NULL;
}

/* ---- events become deliveries ---- */

/* In one transaction; another hand may have changed the webhook since it was looked at. */
static enum err
make_deliveries(struct req *r, uint64_t webhook, uint64_t head)
{
	uint64_t seen, until, made;
	json_t *row;

	TRY(db_begin(r->db));
	TRY(sql_webhook_lock(r, webhook, &row));
	seen = row_id(row, "seen");
	until = head > seen + MAKE_MAX ? seen + MAKE_MAX : head;
	if (strcmp(row_text(row, "state"), "active") != 0 || until <= seen)
		return OK;
	TRY(sql_deliveries_make(r, webhook, row_id(row, "room"), seen, until, clock_wall(), &made));
	TRY(sql_webhook_advance(r, webhook, until, (int64_t)made, clock_wall(), NULL));
	CRASH_POINT("poster.made");
	state.due = state.due || made > 0;
	return db_commit(r->db);
}

static void
look(struct req *r)
{
	int64_t now = clock_mono();
	json_t *rows, *row;
	size_t i;

	if (now < state.look_at)
		return;
	state.look_at = now + LOOK_MS;
	state.due = true;
	if (sql_webhooks_moved(r, WAITING_MAX, MOVED_MAX, &rows) != OK)
		return;
	json_array_foreach (rows, i, row) {
		(void)make_deliveries(r, row_id(row, "id"), row_id(row, "head"));
		db_rollback(r->db);
	}
}

/* ---- deliveries become calls ---- */

/* What is posted: the event as whoever answers for the webhook may see it. ERR_NOT_FOUND: it was
 * erased meanwhile. */
static enum err
write_body(struct req *r, const json_t *due, const char **out)
{
	uint64_t room = row_id(due, "room"), seq = row_id(due, "seq"),
		 from = row_id(due, "seen_after");
	json_t *events, *event, *body;

	if (seq <= from)
		return ERR_NOT_FOUND;
	TRY(events_read(r, WIRE_ROOM, room, seq - 1, seq, 1, &events));
	events_veil(events, from);
	if ((event = json_array_get(events, 0)) == NULL)
		return ERR_NOT_FOUND;
	body = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "id", json_object_get(due, "delivery"),
	    "webhook", json_object_get(due, "id"), "room", json_object_get(due, "room"), "event",
	    json_object_get(due, "event"), "seq", json_object_get(due, "seq"), "data",
	    json_object_get(event, "data"));
	return req_dump(r, req_own(r, body), out);
}

static const char *
sign(struct req *r, const char *secret, const char *id, int64_t time, const char *body)
{
	unsigned char key[WEBHOOKS_SECRET], hash[CRYPT_HASH];
	char text[CRYPT_B64_SIZE(CRYPT_HASH)];
	size_t n = 0;

	(void)crypt_unb64(str_of(secret), key, sizeof(key), &n);
	crypt_hmac((struct str){(const char *)key, n},
	    str_of(arena_printf(&r->mem, "%s.%" PRId64 ".%s", id, time, body)), hash);
	crypt_base64(hash, sizeof(hash), text);
	return arena_printf(&r->mem, "v1,%s", text);
}

static void
call(struct req *r, const json_t *due, const char *body)
{
	const char *id = row_text(due, "delivery");
	int64_t time = clock_wall() / 1000;
	struct fetcher_job job = {.id = row_id(due, "id"),
	    .url = row_text(due, "url"),
	    .body = str_of(body),
	    .limit_ms = LIMIT_MS};

	job.headers[0] = "Content-Type: application/json";
	job.headers[1] = arena_printf(&r->mem, "webhook-id: %s", id);
	job.headers[2] = arena_printf(&r->mem, "webhook-timestamp: %" PRId64, time);
	job.headers[3] = arena_printf(
	    &r->mem, "webhook-signature: %s", sign(r, row_text(due, "secret"), id, time, body));
	fetcher_start(state.fetcher, &job);
}

/* ---- what came of them ---- */

/* Half of the pause is chance, so that not all who wait for a target come back to it at once. */
static int64_t
pause_ms(uint64_t tries)
{
	int64_t s = tries >= PAUSE_STEPS ? PAUSE_MAX : (int64_t)1 << tries,
		half = (s > PAUSE_MAX ? PAUSE_MAX : s) * 500;

	return half + (int64_t)(crypt_random64() % (uint64_t)half);
}

/* Stores how a call ended: made, failed for now, or given up. The webhook's row is locked first, as
 * everywhere. */
static enum err
store(struct req *r, const struct post *p, const struct fetcher_end *end, const char *error)
{
	bool well = end->status >= 200 && end->status < 300;
	bool hopeless = p->hopeless || end->status == GONE;
	int64_t now = clock_wall(), slow = end->ms >= SLOW_MS;
	json_t *row;

	TRY(db_begin(r->db));
	TRY(sql_webhook_lock(r, p->webhook, &row));
	if (well || p->stale || hopeless) {
		TRY(sql_delivery_end(r, p->webhook, p->seq, well ? "delivered" : "failed",
		    end->status, error, end->ms, now, NULL));
		TRY(sql_webhook_turn(r, p->webhook, well, slow, now, NULL));
	} else {
		TRY(sql_delivery_fail(
		    r, p->webhook, p->seq, end->status, error, end->ms, now, NULL));
		TRY(sql_webhook_delay(r, p->webhook, pause_ms(p->tries), slow, now, NULL));
	}
	if (!well && hopeless)
		TRY(sql_webhook_stop(r, p->webhook, NULL));
	return db_commit(r->db);
}

/* Until this is stored nothing else is done: it would be posted a second time. */
static void
end_post(struct courier *c, struct post *p, const struct fetcher_end *end)
{
	char error[ERROR_SIZE] = "";
	enum err e;

	if (end->status == 0)
		(void)snprintf(error, sizeof(error), "%.255s", end->why);
	state.slow -= p->slow;
	while (!*courier_stop()) {
		courier_return(c);
		e = db_ready(c->r.db) == OK ? store(&c->r, p, end, error) : ERR_UNAVAILABLE;
		db_rollback(c->r.db);
		if (e == OK || e == ERR_NOT_FOUND) /* deleted meanwhile */
			break;
		(void)usleep(RETRY_MS * 1000);
	}
	p->webhook = 0;
	state.due = true;
}

static void
begin_post(struct courier *c, const json_t *due)
{
	struct post *p = find_post(0);
	const char *body;
	enum err e = write_body(&c->r, due, &body);

	if (e != OK && e != ERR_NOT_FOUND)
		return;
	*p = (struct post){.webhook = row_id(due, "id"),
	    .seq = row_id(due, "seq"),
	    .tries = row_id(due, "tries"),
	    .slow = row_id(due, "slow") != 0,
	    .stale = row_id(due, "stale") != 0 || e == ERR_NOT_FOUND,
	    .hopeless = row_id(due, "hopeless") != 0};
	state.slow += p->slow;
	if (e == OK)
		call(&c->r, due, body);
	else
		end_post(c, p, &(struct fetcher_end){.why = "the event is no longer there"});
}

static void
post_due(struct courier *c)
{
	json_t *rows, *due;
	size_t i;

	if (!state.due || fetcher_free(state.fetcher) == 0 ||
	    sql_webhooks_due(&c->r, clock_wall(), 2 * CALLS, &rows) != OK)
		return;
	state.due = false;
	json_array_foreach (rows, i, due) {
		if (fetcher_free(state.fetcher) == 0)
			return;
		if (find_post(row_id(due, "id")) == NULL &&
		    (row_id(due, "slow") == 0 || state.slow < CALLS_SLOW))
			begin_post(c, due);
	}
}

static int
step(struct courier *c)
{
	struct fetcher_end end;
	json_t *row;

	if (state.fetcher == NULL)
		state.fetcher = fetcher_create(CALLS, c->r.conf->outbound_allow);
	if (db_ready(c->r.db) != OK || sql_webhooks_claim(&c->r, &row) != OK ||
	    row_id(row, "mine") != 1)
		return COURIER_IDLE_MS;
	look(&c->r);
	post_due(c);
	courier_leave(c);
	fetcher_wait(state.fetcher, LOOK_MS);
	courier_return(c);
	while (fetcher_next(state.fetcher, &end)) {
		if (end.status >= 200 && end.status < 300)
			CRASH_POINT("poster.answered");
		end_post(c, find_post(end.id), &end);
	}
	return 0;
}

const struct errand errand_webhooks = {"the poster posts what happens in rooms", step};
