/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/preview: the card that is shown before somebody joins. */
#include "rooms.h"
#include "route.h"
#include "sql.h"

#define MEMBERS 8

/* The room with `hosts`, its host or null, and some of its `members`; for whoever may know of the
 * room. */
enum err
preview_get(struct req *r)
{
	uint64_t id = req_id(r, "room");
	json_t *row, *room, *members, *host = NULL;
	enum err e = OK;

	TRY(rooms_find(r, id, &row));
	TRY(sql_preview_members(r, id, MEMBERS, &members));
	if (row_id(row, "host") != 0)
		e = sql_preview_person(r, row_id(row, "host"), &host);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	room = rooms_shown(row);
	(void)json_object_set_new(room, "hosts", host == NULL ? json_null() : json_incref(host));
	(void)json_object_set(room, "members", members);
	return req_reply(r, 200, room);
}
