/* SPDX-License-Identifier: MIT */
#include "hooks.h"

#include "db.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "sql.h"
#include "strictjson.h"

#include <inttypes.h>

#define GATHER_MS   50
#define RETRY_MS    500 /* while the database is away */
#define TRIM_MS     1000
#define WAITING_MAX ((size_t)4 << 20)
#define FULL        ((size_t)256 << 10) /* is stored without waiting for more */

void
hooks_init(struct hooks *h)
{
	*h = (struct hooks){0};
	buf_init(&h->waiting, WAITING_MAX);
}

void
hooks_finish(struct hooks *h)
{
	buf_finish(&h->waiting);
}

static bool
is_object(struct str text)
{
	const char *why;
	json_t *json = strictjson_parse(text, &why);
	bool is = json_is_object(json);

	json_decref(json);
	return is;
}

void
hooks_take(struct hooks *h, const struct req *r, struct str event)
{
	if (r->conf->webhook_url[0] == '\0')
		return;
	if (!is_object(event)) {
		log_warn("maru-push sent a webhook event that is no JSON object");
		return;
	}
	/* Escaping makes a byte six at most. */
	if (h->waiting.n + 6 * event.n + 3 > WAITING_MAX) {
		h->lost++;
		return;
	}
	if (h->waiting.n == 0)
		h->store_at = clock_mono() + GATHER_MS;
	buf_addstr(&h->waiting, h->waiting.n == 0 ? "\"" : ",\"");
	buf_addjson(&h->waiting, event.p, event.n);
	buf_addch(&h->waiting, '"');
	if (h->waiting.n > FULL && h->lost == 0)
		h->store_at = 0;
}

bool
hooks_due(const struct hooks *h, int64_t now, int *left)
{
	*left = h->waiting.n == 0 || h->store_at <= now ? 0 : (int)(h->store_at - now);
	return h->waiting.n > 0 && h->store_at <= now;
}

/* Ids have no gaps but those of failed inserts, so the span is a cheap bound of the count. */
static void
trim(struct hooks *h, struct req *r, int64_t now)
{
	int64_t most = r->conf->webhook_queue;
	uint64_t dropped = 0;
	json_t *row;

	if (now < h->trim_at)
		return;
	h->trim_at = now + TRIM_MS;
	if (sql_hook_span(r, &row) != OK || row_id(row, "n") <= (uint64_t)most ||
	    sql_hook_trim(r, most, &dropped) != OK || dropped == 0)
		return;
	h->dropped += dropped;
	log_warn("dropped the oldest %" PRIu64 " webhook events, as %" PRId64 " wait; %" PRIu64
		 " since the start",
	    dropped, most, h->dropped);
}

void
hooks_store(struct hooks *h, struct req *r)
{
	int64_t now = clock_mono();
	const char *events = arena_printf(&r->mem, "[%s]", h->waiting.p);

	if (db_ready(r->db) != OK || sql_hook_insert(r, events, NULL) != OK) {
		h->store_at = now + RETRY_MS;
		return;
	}
	if (h->lost > 0)
		log_warn("%" PRIu64 " webhook events could not be stored", h->lost);
	h->lost = 0;
	buf_clear(&h->waiting);
	trim(h, r, now);
}
