/* SPDX-License-Identifier: MIT */
/* /v1/presence and /v1/rooms/:room/presence: who is online, of the people whom the asker shares a
 * room with. This decides what may be seen; maru-push, which alone knows, answers (push/http.h).
 */
#include "notify.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

#include <inttypes.h>
#include <stdlib.h>

#define USERS_MAX 100
#define COME_BACK 4200 /* close code of Pusher: connect again */

/* Reads "5,7,9" into a JSON array of the ids; NULL if it is anything else. */
static json_t *
read_ids(struct req *r, const char *text)
{
	json_t *ids = req_own(r, json_array());
	char *end;

	while (text != NULL && *text >= '1' && *text <= '9') {
		uint64_t id = strtoull(text, &end, 10);

		if (id > INT64_MAX || (*end != ',' && *end != '\0'))
			return NULL;
		(void)json_array_append_new(ids, json_integer((json_int_t)id));
		text = end + (*end == ',');
	}
	return text == NULL || *text != '\0' || json_array_size(ids) > USERS_MAX ? NULL : ids;
}

/* The row of an id, or NULL. */
static const json_t *
find(const json_t *rows, json_int_t id)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (json_integer_value(json_object_get(row, "id")) == id)
			return row;
	}
	return NULL;
}

/* {"presence": [{id, online, seen_at?}]} in the order of ?users=. Whoever may not be seen is
 * offline, and can't be told from somebody who is, or from nobody. */
enum err
presence_list(struct req *r)
{
	struct buf *uri = req_buf(r, 8000);
	const char *before = "/presence?users=";
	json_t *ids = read_ids(r, query_value(&r->mem, str_of(r->query), "users")), *id, *rows;
	char *text;
	enum err e;
	size_t i;

	if (ids == NULL || json_array_size(ids) == 0)
		return req_invalid(r, "users", "must be ids separated by commas, at most 100");
	if ((text = json_dumps(ids, JSON_COMPACT)) == NULL)
		return req_fail(r, ERR_INTERNAL, "ids could not be written");
	e = sql_presence_visible(r, r->user, text, &rows);
	free(text);
	TRY(e);
	json_array_foreach (ids, i, id) {
		const json_t *row = find(rows, json_integer_value(id));

		buf_printf(uri, "%s%" JSON_INTEGER_FORMAT, before, json_integer_value(id));
		before = ",";
		if (row == NULL)
			buf_addch(uri, '-');
		else if (json_object_get(row, "seen_at") != NULL)
			buf_printf(uri, "@%s", row_text(row, "seen_at"));
	}
	return req_redirect(r, (struct str){uri->p, uri->n});
}

/* Who is in a room right now, for its members: {"users": [{id}]}. */
enum err
presence_room(struct req *r)
{
	struct buf *uri = req_buf(r, 200);
	json_t *row;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	buf_printf(uri, "/channels/presence-room-%" PRIu64 "/users", req_id(r, "room"));
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
