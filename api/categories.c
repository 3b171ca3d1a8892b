/* SPDX-License-Identifier: MIT */
/* /v1/categories: what rooms are about. Admins keep the list; with open_categories anybody may add
 * to it. The lobby is told.
 *
 * The lobby's stream is locked last here, after the category and its rooms: a change of a room
 * holds the room's row when it comes to the lobby, and would wait for us while we wait for it.
 */
#include "admins.h"
#include "db.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define CATEGORIES_MAX 100 /* one answer lists them all */
#define PLACE_MAX      1000000
#define NEWEST         20
#define NEWEST_ALL     300 /* rooms of all categories: more would make an answer of a megabyte */

struct category_in {
	const char *name;
	int64_t place;
};

static const struct field category_fields[] = {
    TEXT_FIELD(struct category_in, name, 1, 30, FIELD_REQUIRED | FIELD_LINE),
    INT_FIELD(struct category_in, place, 0, PLACE_MAX, 0),
    END_FIELD,
};

static const struct field change_fields[] = {
    TEXT_FIELD(struct category_in, name, 1, 30, FIELD_LINE),
    INT_FIELD(struct category_in, place, 0, PLACE_MAX, 0),
    END_FIELD,
};

/* How many rooms of each of n categories are shown: at least three. */
static int64_t
newest_of(size_t n)
{
	return n * NEWEST <= NEWEST_ALL ? NEWEST : (int64_t)(NEWEST_ALL / n);
}

/* The category with this id, which is looked for from number *at on, and around; NULL if there is
 * none. */
static json_t *
find_category(const json_t *categories, uint64_t id, size_t *at)
{
	size_t n = json_array_size(categories);

	for (size_t tried = 0; tried < n; tried++, *at = (*at + 1) % n)
		if (row_id(json_array_get(categories, *at), "id") == id)
			return json_array_get(categories, *at);
	return NULL;
}

/* Adds the newest rooms to each. They come in the order of the categories, but for those that were
 * moved meanwhile. */
static enum err
add_newest(struct req *r, json_t *categories)
{
	json_t *found, *category, *rooms, *room;
	size_t i, at = 0;

	TRY(sql_categories_newest(r, newest_of(json_array_size(categories)), &found));
	TRY(rooms_show_all(r, found, &rooms));
	json_array_foreach (categories, i, category)
		(void)json_object_set_new(category, "newest", json_array());
	json_array_foreach (rooms, i, room) {
		category = find_category(categories, row_id(room, "category"), &at);
		(void)json_array_append(json_object_get(category, "newest"), room);
	}
	return OK;
}

/* All of them, each with the number of its listed rooms; ?include=rooms adds the newest ones, up
 * to NEWEST of each and about NEWEST_ALL together. */
enum err
categories_list(struct req *r)
{
	const char *include = query_value(&r->mem, str_of(r->query), "include");
	json_t *rows;

	if (include != NULL && strcmp(include, "rooms") != 0)
		return req_invalid(r, "include", "may be rooms");
	TRY(sql_categories_list(r, &rows));
	if (include != NULL)
		TRY(add_newest(r, rows));
	return req_reply(r, 200, json_pack("{s:O}", "categories", rows));
}

static enum err
name_taken(enum err e)
{
	return e == ERR_CONFLICT ? ERR_NAME_TAKEN : e;
}

/* Adds one; 201. */
enum err
categories_create(struct req *r)
{
	struct category_in in;
	struct stream_pos at;
	json_t *row;
	uint64_t id;

	TRY(req_read(r, category_fields, &in));
	if (!r->conf->open_categories)
		TRY(admins_require(r));
	TRY(name_taken(
	    sql_category_insert(r, in.name, in.place == FIELD_ABSENT ? 0 : in.place, NULL)));
	id = db_insert_id(r->db);
	TRY(stream_next(r, WIRE_LOBBY, 0, &at));
	TRY(sql_categories_count(r, &row)); /* under that lock, so nobody adds another one */
	if (row_id(row, "n") > CATEGORIES_MAX)
		return ERR_LIMIT;
	TRY(sql_category_get(r, id, &row));
	TRY(stream_store(r, &at, EV_CATEGORY_CREATED, req_own(r, json_copy(row))));
	return req_reply(r, 201, json_incref(row));
}

/* Changes one; admins only: 200. */
enum err
categories_update(struct req *r)
{
	uint64_t id = req_id(r, "category");
	struct category_in in;
	json_t *row;

	TRY(req_read(r, change_fields, &in));
	TRY(admins_require(r));
	TRY(sql_category_lock(r, id, &row));
	if (in.name != NULL || in.place != FIELD_ABSENT)
		TRY(name_taken(sql_category_update(
		    r, id, in.name, in.place == FIELD_ABSENT ? -1 : in.place, NULL)));
	TRY(sql_category_get(r, id, &row));
	if (in.name != NULL || in.place != FIELD_ABSENT)
		TRY(stream_append(
		    r, WIRE_LOBBY, 0, EV_CATEGORY_UPDATED, req_own(r, json_copy(row))));
	return req_reply(r, 200, json_incref(row));
}

/* Deletes one; admins only: 204. Its rooms have none then, which their members and the lobby know
 * from this one event. */
enum err
categories_delete(struct req *r)
{
	uint64_t id = req_id(r, "category");
	json_t *row;

	TRY(admins_require(r));
	TRY(sql_category_lock(r, id, &row));
	TRY(sql_category_get(r, id, &row));
	TRY(sql_category_empty(r, id, NULL));
	TRY(sql_category_delete(r, id, NULL));
	TRY(stream_append(r, WIRE_LOBBY, 0, EV_CATEGORY_DELETED, req_own(r, json_copy(row))));
	TRY(sql_category_forget_count(r, id, NULL));
	return req_reply(r, 204, NULL);
}
