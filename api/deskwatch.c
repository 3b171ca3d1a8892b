/* SPDX-License-Identifier: MIT */
#include "deskwatch.h"

#include "db.h"
#include "desks.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>
#include <string.h>

#define AT_ONCE    2000 /* desks in a packet */
#define GONE_AFTER 6    /* answers that somebody is not there */

int64_t
deskwatch_grace(const struct conf *conf)
{
	return (int64_t)conf->desk_beat * GONE_AFTER;
}

/* Who appears offline is no member of a room for push: they are there while connected. */
static size_t
fill(const json_t *rows, struct wire_desk *desks)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		desks[i] = (struct wire_desk){.user = row_id(row, "user"),
		    .room = json_is_true(json_object_get(row, "hidden")) ? 0 : row_id(row, "room")};
	}
	return i;
}

bool
deskwatch_ask(struct deskwatch *w, struct req *r, int64_t now, struct wire_packet *out)
{
	struct wire_desk *desks;
	json_t *rows;
	size_t n;

	if (now < w->due || db_ready(r->db) != OK ||
	    sql_deskwatch_next(r, w->after, AT_ONCE, &rows) != OK)
		return false;
	desks = arena_alloc(&r->mem, AT_ONCE * sizeof(*desks));
	n = fill(rows, desks);
	w->after = n < AT_ONCE ? 0 : desks[n - 1].user;
	if (w->after == 0)
		w->due = now + (int64_t)r->conf->desk_beat * 1000;
	*out = (struct wire_packet){
	    .op = WIRE_DESKS, .body = {(const char *)desks, n * sizeof(*desks)}};
	return n > 0;
}

/* The ids of those who are there, or are not, as the JSON array that statements take apart. */
static const char *
list(struct req *r, const struct wire_desk *desks, size_t n, bool here)
{
	struct buf *text = req_buf(r, WIRE_MAX);
	const char *before = "[";

	for (size_t i = 0; i < n; i++) {
		if ((desks[i].here != 0) != here)
			continue;
		buf_printf(text, "%s%" PRIu64, before, desks[i].user);
		before = ",";
	}
	if (text->n == 0)
		return NULL;
	buf_addch(text, ']');
	return arena_strndup(&r->mem, text->p, text->n);
}

/* Does something with each; who has moved meanwhile is left alone. */
static void
each(struct req *r, const json_t *rows, enum err (*change)(struct req *, uint64_t, uint64_t))
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		enum err e = change(r, row_id(row, "room"), row_id(row, "user"));

		db_rollback(r->db);
		r->notices = NULL; /* of what was not stored */
		if (e != OK && e != ERR_NOT_FOUND && e != ERR_RETRY)
			log_warn("desk of %" PRIu64 ": %s", row_id(row, "user"), err_info(e)->slug);
	}
}

void
deskwatch_heard(struct req *r, struct str body)
{
	size_t n = body.n / sizeof(struct wire_desk);
	struct wire_desk *desks = arena_alloc(&r->mem, n * sizeof(*desks) + 1);
	int64_t grace = deskwatch_grace(r->conf);
	const char *here, *missing;
	json_t *rows;

	memcpy(desks, body.p, n * sizeof(*desks));
	here = list(r, desks, n, true);
	missing = list(r, desks, n, false);
	if (here != NULL && sql_deskwatch_seen(r, here, grace, NULL) == OK &&
	    sql_deskwatch_stale(r, here, grace, &rows) == OK)
		each(r, rows, desks_restart);
	if (missing != NULL && sql_deskwatch_missed(r, missing, NULL) == OK &&
	    sql_deskwatch_gone(r, missing, GONE_AFTER, &rows) == OK)
		each(r, rows, desks_expire);
}
