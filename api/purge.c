/* SPDX-License-Identifier: MIT */
/* See purge.h; the feeder calls it when nobody asks it for anything. */
#include "purge.h"

#include "db.h"
#include "sql.h"

#define STEP 500 /* rows: about 10 ms */

bool
purge_step(struct req *r)
{
	uint64_t room, messages, reactions, bans;
	json_t *row;

	if (db_ready(r->db) != OK || sql_purge_next(r, &row) != OK)
		return false;
	room = row_id(row, "room");
	if (sql_purge_messages(r, room, STEP, &messages) != OK ||
	    sql_purge_reactions(r, room, STEP, &reactions) != OK ||
	    sql_purge_bans(r, room, STEP, &bans) != OK)
		return false;
	if (messages + reactions + bans > 0)
		return true;
	return sql_purge_done(r, room, NULL) == OK;
}
