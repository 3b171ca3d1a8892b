/* SPDX-License-Identifier: MIT */
#include "callwatch.h"

#include "db.h"
#include "incall.h"
#include "notify.h"
#include "row.h"
#include "shared/channel.h"
#include "sql.h"
#include "watch.h"

#define BEAT_MS 1000
#define OFFLINE 2 /* answers that somebody who is rung is nowhere */

static size_t
fill(const json_t *rows, struct wire_seat *seats)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		seats[i] = (struct wire_seat){.user = row_id(row, "user"),
		    .place =
			json_is_true(json_object_get(row, "ringing")) ? 0 : row_id(row, "of_call")};
	}
	return i;
}

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
	struct wire_seat *seats;
	json_t *rows;
	size_t n;

	if (now < w->due || db_ready(r->db) != OK)
		return false;
	if (w->call == 0)
		end_late(r);
	if (sql_callwatch_next(r, w->call, w->user, WATCH_AT_ONCE, &rows) != OK)
		return false;
	seats = arena_alloc(&r->mem, WATCH_AT_ONCE * sizeof(*seats));
	n = fill(rows, seats);
	w->call = n < WATCH_AT_ONCE ? 0 : row_id(json_array_get(rows, n - 1), "of_call");
	w->user = n < WATCH_AT_ONCE ? 0 : seats[n - 1].user;
	if (w->call == 0)
		w->due = now + BEAT_MS;
	*out = (struct wire_packet){
	    .op = WIRE_CALLS, .body = {(const char *)seats, n * sizeof(*seats)}};
	return n > 0;
}

/* Somebody hears a call and was not asked for. They may have come meanwhile; else whoever told
 * maru-push that they left died before. */
static void
check_stranger(struct req *r, const struct wire_seat *seat)
{
	char name[CHANNEL_TEXT_SIZE];
	json_t *call, *place;
	enum err e = sql_call_get(r, seat->place, &call);

	if (e != OK)
		return;
	e = sql_call_place(r, seat->user, &place);
	if (e != OK && e != ERR_NOT_FOUND)
		return;
	if (e == OK && row_id(place, "of_call") == seat->place &&
	    !json_is_true(json_object_get(place, "ringing")))
		return;
	(void)channel_write_call(seat->place, name);
	notify_revoke(r, arena_strdup(&r->mem, name), seat->user, row_id(call, "turn") + 1);
	notify_flush(r);
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
			check_stranger(r, &seats[i]);
	}
}
