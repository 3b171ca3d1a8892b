/* SPDX-License-Identifier: MIT */
/* See purge.h; the feeder calls it when nobody asks it for anything. */
#include "purge.h"

#include "db.h"
#include "roomhooks.h"
#include "sql.h"

#define STEP 500 /* rows: about 10 ms */

/* Everything that names a room, but what rooms_erase took away at once. */
static enum err (*const steps[])(struct req *, uint64_t, int64_t, uint64_t *) = {
    sql_purge_messages,
    sql_purge_events,
    sql_purge_reactions,
    sql_purge_bans,
    sql_purge_likes,
    sql_purge_invites,
    sql_purge_notices,
    sql_purge_confirmations,
    sql_purge_todos,
    sql_purge_pins,
    sql_purge_attachments,
    sql_purge_tracks,
    sql_purge_music,
    sql_purge_strokes,
    sql_purge_words,
    sql_purge_hidden,
    roomhooks_purge,
    sql_purge_mentions,
    sql_purge_revisions,
    sql_purge_previews,
    sql_purge_notifications,
    sql_purge_deliveries,
    sql_purge_webhooks, /* after their deliveries */
    sql_purge_polls,
    sql_purge_votes,
    sql_purge_threads,
    sql_purge_drafts,
    sql_purge_search_shares,
    sql_purge_search_parts,
    sql_purge_search_room,
};

bool
purge_step(struct req *r)
{
	uint64_t room, rows, all = 0;
	json_t *row;

	if (db_ready(r->db) != OK || sql_purge_next(r, &row) != OK)
		return false;
	room = row_id(row, "room");
	if (sql_purge_search_due(r, room, NULL) != OK)
		return false;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i](r, room, STEP, &rows) != OK)
			return false;
		all += rows;
	}
	return all > 0 || sql_purge_done(r, room, NULL) == OK;
}
