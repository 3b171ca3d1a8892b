/* SPDX-License-Identifier: MIT */
/* /v1/audit: the list of what those with power did with it. Admins read all of it, also of rooms
 * that are gone; a host reads what was done in the room.
 */
#include "audit.h"

#include "admins.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

#include <stdlib.h>

enum err
audit_note(struct req *r, const char *action, uint64_t room, uint64_t user, json_t *data)
{
	char *text = data == NULL ? NULL : json_dumps(data, JSON_COMPACT);
	enum err e =
	    sql_audit_insert(r, r->user, action, room, user, text == NULL ? "{}" : text, NULL);

	free(text);
	json_decref(data);
	return e;
}

/* Admins, and the host of the room that is asked for. */
static enum err
check_right(struct req *r, uint64_t room)
{
	json_t *row;
	enum err e = sql_admin_get(r, r->user, &row);

	if (e != ERR_NOT_FOUND)
		return e;
	if (room == 0)
		return admins_require(r);
	TRY(rooms_find(r, room, &row));
	return rooms_require_rank(r, row, RANK_HOST);
}

/* The newest first; ?room= and ?user= (to whom it was done) narrow it down. */
enum err
audit_list(struct req *r)
{
	uint64_t room, user;
	struct page page;
	int64_t limit;
	json_t *rows;

	TRY(page_read(r, PAGE_END, &page));
	TRY(req_query_number(r, "room", 0, PAGE_END, &room));
	TRY(req_query_number(r, "user", 0, PAGE_END, &user));
	TRY(check_right(r, room));
	limit = (int64_t)page.limit + 1;
	if (room != 0 && user != 0)
		TRY(sql_audit_of_both(r, room, user, page.cursor, limit, &rows));
	else if (room != 0)
		TRY(sql_audit_of_room(r, room, page.cursor, limit, &rows));
	else if (user != 0)
		TRY(sql_audit_of_user(r, user, page.cursor, limit, &rows));
	else
		TRY(sql_audit_all(r, page.cursor, limit, &rows));
	return page_reply(r, "audit", rows, &page, "id");
}
