/* SPDX-License-Identifier: MIT */
/* /v1/presence and /v1/rooms/:room/presence: who is online, of the asker's friends and the people
 * whom the asker shares a room with. This decides what may be seen; maru-push, which alone knows,
 * answers (push/http.h).
 */
#include "blocks.h"
#include "ids.h"
#include "notify.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

#include <inttypes.h>

#define COME_BACK 4200 /* close code of Pusher: connect again */

/* Those of the ids whose presence the asker may see. */
static enum err
visible(struct req *r, const char *ids, json_t **rows)
{
	if (r->conf->lobby_presence)
		return sql_presence_of_all(r, r->user, ids, rows);
	return sql_presence_visible(r, r->user, ids, rows);
}

/* {"presence": [{id, online, seen_at?}]} in the order of ?users=. Whoever may not be seen is
 * offline, and can't be told from somebody who is, or from nobody. */
enum err
presence_list(struct req *r)
{
	struct buf *uri = req_buf(r, 8000);
	const char *before = "/presence?users=", *text;
	json_t *ids, *id, *rows;
	size_t i;

	TRY(ids_read(r, "users", &ids, &text));
	TRY(visible(r, text, &rows));
	json_array_foreach (ids, i, id) {
		const json_t *row = ids_find(rows, id);

		buf_printf(uri, "%s%" JSON_INTEGER_FORMAT, before, json_integer_value(id));
		before = ",";
		if (row == NULL)
			buf_addch(uri, '-');
		else if (json_object_get(row, "seen_at") != NULL)
			buf_printf(uri, "@%s", row_text(row, "seen_at"));
	}
	return req_redirect(r, (struct str){uri->p, uri->n});
}

/* Who is in a room right now, for its members: {"users": [{id}]}, but for people whom the asker
 * blocks. */
enum err
presence_room(struct req *r)
{
	struct buf *uri = req_buf(r, 8000);
	json_t *row;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	buf_printf(uri, "/channels/presence-room-%" PRIu64 "/users", req_id(r, "room"));
	TRY(blocks_list_room(r, req_id(r, "room"), "?not=", uri));
	return req_redirect(r, (struct str){uri->p, uri->n});
}

struct presence_in {
	const char *appear;
	const char *last_seen;
};

static const struct field presence_fields[] = {
    WORD_FIELD(struct presence_in, appear, "online|offline", 0),
    WORD_FIELD(struct presence_in, last_seen, "shown|hidden", 0),
    END_FIELD,
};

/* What others may see of the asker: {appear, last_seen}. */
enum err
presence_get(struct req *r)
{
	json_t *row;

	TRY(sql_presence_get(r, r->user, &row));
	return req_reply(r, 200, json_incref(row));
}

/* Changes it: 200. Connections are told to come back, as they come with another claim then. */
enum err
presence_set(struct req *r)
{
	struct presence_in in;
	json_t *before, *now;

	TRY(req_read(r, presence_fields, &in));
	TRY(sql_presence_get(r, r->user, &before));
	TRY(sql_presence_set(r, r->user, in.appear, in.last_seen, NULL));
	TRY(sql_presence_get(r, r->user, &now));
	if (strcmp(row_text(before, "appear"), row_text(now, "appear")) != 0)
		notify_cut(r, arena_printf(&r->mem, "%" PRIu64, r->user), COME_BACK);
	return req_reply(r, 200, json_incref(now));
}
