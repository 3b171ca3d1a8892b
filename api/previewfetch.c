/* SPDX-License-Identifier: MIT */
/* Fetches the pages that messages link to, and adds their previews; see courier.h.
 *
 * A job is done when of each of its links it is known what the page says; that is kept for a day
 * in the table link, so a crash only asks once more, and a link that everybody sends is fetched
 * once. A job is deleted in the transaction that changes the message; whoever edits the message or
 * takes the previews off deletes it too, and what was fetched for it meanwhile changes nothing.
 * Pictures are never fetched: a client shows them or not.
 */
#include "courier.h"
#include "db.h"
#include "fetcher.h"
#include "messages.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "sql.h"
#include "webpage.h"

#define CALLS      16
#define JOBS       64 /* that are looked at at once */
#define LINKS_MAX  3  /* of a message */
#define URL_MAX    2000
#define LOOK_MS    250
#define LIMIT_MS   5000
#define PAGE_MAX   ((size_t)512 << 10)
#define REDIRECTS  3
#define KEPT       86400 /* seconds */
#define KEPT_EMPTY 600   /* of a page that could not be had */

/* Of the one process that runs this. */
static struct {
	struct fetcher *fetcher;
	struct notify *notify;
	char urls[CALLS][URL_MAX + 1]; /* under way; "" if none is */
	int64_t look_at;               /* monotonic */
} state;

static size_t
find_url(const char *url)
{
	size_t i = 0;

	while (i < CALLS && strcmp(state.urls[i], url) != 0)
		i++;
	return i;
}

/* By which the address of a page is known. */
static struct str
hash_of(struct req *r, const char *url)
{
	unsigned char *hash = arena_alloc(&r->mem, CRYPT_HASH);

	crypt_sha256(str_of(url), hash);
	return (struct str){(const char *)hash, CRYPT_HASH};
}

/* Addresses are often pasted with letters that a browser would have encoded. */
static const char *
encode(struct req *r, const char *url)
{
	struct buf *out = req_buf(r, 3 * URL_MAX);

	for (; *url != '\0'; url++) {
		if ((unsigned char)*url < 0x80)
			buf_addch(out, *url);
		else
			buf_printf(out, "%%%02X", (unsigned char)*url);
	}
	return out->p;
}

static void
fetch(struct req *r, const char *url)
{
	size_t i = find_url("");

	if (i == CALLS || find_url(url) < CALLS)
		return;
	memcpy(state.urls[i], url, strlen(url) + 1);
	fetcher_start(state.fetcher, &(struct fetcher_job){.id = i,
					 .url = encode(r, url),
					 .headers = {"Accept: text/html,application/xhtml+xml"},
					 .redirects = REDIRECTS,
					 .limit_ms = LIMIT_MS,
					 .answer_max = PAGE_MAX});
}

/* ---- what a page says ---- */

static bool
is_page(const struct fetcher_end *end)
{
	return end->status == 200 && (strncasecmp(end->type, "text/html", 9) == 0 ||
					 strncasecmp(end->type, "application/xhtml+xml", 21) == 0);
}

/* NULL: nothing that is worth showing. */
static json_t *
describe(struct req *r, const char *url, const struct fetcher_end *end)
{
	struct webpage page = {0};

	if (is_page(end))
		webpage_read(&r->mem, end->answer, end->type, &page);
	if (page.title == NULL)
		return NULL;
	if (page.image != NULL && fetcher_url_problem(page.image, "") != NULL)
		page.image = NULL;
	return json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "url", url, "title", page.title,
	    "description", page.description, "site_name", page.site, "image", page.image);
}

static void
keep(struct req *r, const struct fetcher_end *end)
{
	char *url = state.urls[end->id];
	json_t *preview = describe(r, url, end);
	const char *text = "null";

	if (preview == NULL || req_dump(r, req_own(r, preview), &text) == OK)
		(void)sql_link_set(
		    r, hash_of(r, url), text, preview == NULL ? KEPT_EMPTY : KEPT, NULL);
	url[0] = '\0';
}

/* ---- what a message gets ---- */

/* The different links of a message, as they stand in its entities. */
static json_t *
links_of(struct req *r, const json_t *job)
{
	json_t *out = req_own(r, json_object());
	const json_t *entity;
	size_t i;

	json_array_foreach (json_object_get(job, "entities"), i, entity) {
		const char *url = row_text(entity, "url");

		if (strcmp(row_text(entity, "type"), "link") == 0 && strlen(url) <= URL_MAX &&
		    fetcher_url_problem(encode(r, url), r->conf->outbound_allow) == NULL &&
		    json_object_size(out) < LINKS_MAX)
			(void)json_object_set_new(out, url, json_null());
	}
	return out;
}

/* Their previews, if all of them are known; else what is missing is fetched. */
static enum err
gather(struct req *r, json_t *links, json_t *previews, bool *all)
{
	const char *url;
	json_t *unused, *row;

	*all = true;
	json_object_foreach (links, url, unused) {
		enum err e = sql_link_get(r, hash_of(r, url), &row);
		json_t *preview = e == OK ? json_object_get(row, "preview") : NULL;

		(void)unused;
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (e == ERR_NOT_FOUND)
			fetch(r, url);
		*all = *all && e == OK;
		if (json_is_object(preview))
			(void)json_array_append(previews, preview);
	}
	return OK;
}

/* In one transaction, the room's stream first: a job that is gone changes nothing. */
static enum err
add(struct req *r, const json_t *job, const json_t *previews)
{
	uint64_t room = row_id(job, "room"), seq = row_id(job, "message"), mine;
	struct stream_pos at;
	const char *text;
	json_t *message;

	TRY(req_dump(r, previews, &text));
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(sql_preview_done(r, row_id(job, "id"), &mine));
	TRY(sql_message_get(r, room, seq, &message));
	if (mine == 0 || json_object_get(message, "deleted_at") != NULL)
		return ERR_NOT_FOUND;
	TRY(sql_previews_set(r, room, seq, at.seq, text, NULL));
	TRY(messages_announce(r, &at, seq, EV_MESSAGE_UPDATED));
	TRY(db_commit(r->db));
	notify_flush(r);
	return OK;
}

static void
work(struct req *r, const json_t *job)
{
	json_t *previews = req_own(r, json_array());
	enum err e = ERR_NOT_FOUND;
	bool all;

	if (gather(r, links_of(r, job), previews, &all) != OK || !all)
		return;
	if (json_array_size(previews) > 0)
		e = add(r, job, previews);
	db_rollback(r->db);
	r->notices = NULL;
	if (e == ERR_NOT_FOUND) /* nothing to add, or nothing to add it to */
		(void)sql_preview_done(r, row_id(job, "id"), NULL);
}

static void
look(struct req *r)
{
	json_t *jobs, *job;
	size_t i;

	if (clock_mono() < state.look_at || sql_previews_next(r, JOBS, &jobs) != OK)
		return;
	state.look_at = clock_mono() + LOOK_MS;
	json_array_foreach (jobs, i, job) {
		work(r, job);
	}
}

static int
step(struct courier *c)
{
	struct fetcher_end end;
	json_t *row;

	if (state.fetcher == NULL) {
		state.fetcher = fetcher_create(CALLS, c->r.conf->outbound_allow);
		state.notify = notify_create(c->r.conf);
	}
	c->r.notify = state.notify;
	if (db_ready(c->r.db) != OK || sql_previews_claim(&c->r, &row) != OK ||
	    row_id(row, "mine") != 1)
		return COURIER_IDLE_MS;
	look(&c->r);
	courier_leave(c);
	fetcher_wait(state.fetcher, LOOK_MS);
	courier_return(c);
	while (fetcher_next(state.fetcher, &end)) {
		keep(&c->r, &end);
		state.look_at = 0;
	}
	return 0;
}

const struct errand errand_previews = {"the previewer reads what messages link to", step};
