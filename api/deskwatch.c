/* SPDX-License-Identifier: MIT */
#include "deskwatch.h"

#include "db.h"
#include "desks.h"
#include "sql.h"
#include "watch.h"

#define GONE_AFTER 6 /* answers that somebody is not there */

int64_t
deskwatch_grace(const struct conf *conf)
{
	return (int64_t)conf->desk_beat * GONE_AFTER;
}

bool
deskwatch_ask(struct deskwatch *w, struct req *r, int64_t now, struct wire_packet *out)
{
	json_t *rows;
	size_t n;

	if (now < w->due || db_ready(r->db) != OK ||
	    sql_deskwatch_next(r, w->after, WATCH_AT_ONCE, &rows) != OK)
		return false;
	n = watch_question(r, WIRE_DESKS, rows, out);
	w->after = n < WATCH_AT_ONCE ? 0 : row_id(json_array_get(rows, n - 1), "user");
	if (w->after == 0)
		w->due = now + (int64_t)r->conf->desk_beat * 1000;
	return n > 0;
}

void
deskwatch_heard(struct req *r, struct str body)
{
	size_t n;
	const struct wire_seat *seats = watch_seats(r, body, &n);
	int64_t grace = deskwatch_grace(r->conf);
	const char *here = watch_ids(r, seats, n, WIRE_HERE);
	const char *missing = watch_ids(r, seats, n, WIRE_MISSING);
	json_t *rows;

	if (here != NULL && sql_deskwatch_seen(r, here, grace, NULL) == OK &&
	    sql_deskwatch_stale(r, here, grace, &rows) == OK)
		watch_each(r, rows, desks_restart);
	if (missing != NULL && sql_deskwatch_missed(r, missing, NULL) == OK &&
	    sql_deskwatch_gone(r, missing, GONE_AFTER, &rows) == OK)
		watch_each(r, rows, desks_expire);
}
