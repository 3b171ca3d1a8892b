/* SPDX-License-Identifier: MIT */
#include "callwatch.h"

#include "db.h"
#include "incall.h"
#include "row.h"
#include "sql.h"
#include "watch.h"

#define BEAT_MS 1000
#define OFFLINE 2 /* answers that somebody who is rung is nowhere */

static void
end_late(struct req *r)
{
	json_t *rows;

	if (sql_callwatch_late(r, &rows) == OK)
		watch_each(r, rows, incall_expire);
}

bool
callwatch_ask(struct callwatch *w, struct req *r, int64_t now, struct wire_packet *out)
{
	json_t *rows;
	size_t n;

	if (now < w->due || db_ready(r->db) != OK)
		return false;
	if (w->call == 0)
		end_late(r);
	if (sql_callwatch_next(r, w->call, w->user, WATCH_AT_ONCE, &rows) != OK)
		return false;
	n = watch_question(r, WIRE_CALLS, rows, out);
	w->call = n < WATCH_AT_ONCE ? 0 : row_id(json_array_get(rows, n - 1), "of_call");
	w->user = n < WATCH_AT_ONCE ? 0 : row_id(json_array_get(rows, n - 1), "user");
	if (w->call == 0)
		w->due = now + BEAT_MS;
	return n > 0;
}

void
callwatch_heard(struct req *r, struct str body)
{
	size_t n;
	const struct wire_seat *seats = watch_seats(r, body, &n);
	const char *here = watch_ids(r, seats, n, WIRE_HERE);
	const char *missing = watch_ids(r, seats, n, WIRE_MISSING);
	json_t *rows;

	if (here != NULL)
		(void)sql_callwatch_seen(r, here, NULL);
	if (missing != NULL && sql_callwatch_missed(r, missing, NULL) == OK &&
	    sql_callwatch_gone(r, missing, r->conf->call_lost, OFFLINE, &rows) == OK)
		watch_each(r, rows, incall_expire);
	for (size_t i = 0; i < n; i++) {
		if (seats[i].here == WIRE_STRANGER)
			(void)incall_check(r, seats[i].place, seats[i].user);
	}
}
