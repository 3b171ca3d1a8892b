/* SPDX-License-Identifier: MIT */
/* See sweep.h; the feeder calls it when nobody asks it for anything. */
#include "sweep.h"

#include "db.h"
#include "guests.h"
#include "shared/clock.h"
#include "sql.h"

#define STEP    500 /* rows of each table */
#define REST_MS 10000

static enum err
sweep_audit(struct req *r, uint64_t *gone)
{
	json_t *row;

	*gone = 0;
	TRY(sql_sweep_audit_last(r, r->conf->audit_days, STEP, &row));
	return row_id(row, "last") == 0 ? OK : sql_sweep_audit(r, row_id(row, "last"), gone);
}

static enum err
sweep(struct req *r, uint64_t *most)
{
	uint64_t gone[8];

	TRY(sql_sweep_sessions(r, STEP, &gone[0]));
	TRY(sql_sweep_codes(r, STEP, &gone[1]));
	TRY(sql_sweep_throttle(r, STEP, &gone[2]));
	TRY(sql_sweep_invites(r, STEP, &gone[3]));
	TRY(sweep_audit(r, &gone[4]));
	TRY(sql_sweep_deliveries(r, STEP, &gone[5]));
	TRY(sql_sweep_links(r, STEP, &gone[6]));
	TRY(sql_sweep_notifications(r, STEP, &gone[7]));
	*most = 0;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		*most = gone[i] > *most ? gone[i] : *most;
	return OK;
}

bool
sweep_step(struct req *r)
{
	static int64_t rest_until; /* monotonic */
	uint64_t most;

	if (clock_mono() < rest_until || db_ready(r->db) != OK)
		return false;
	if (sweep(r, &most) == OK && most == STEP)
		return true;
	guests_sweep(r);
	rest_until = clock_mono() + REST_MS;
	return false;
}
