/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/door: whether a room lets guests in, and what they see of it before they do. */
#include "rooms.h"
#include "route.h"

/* 200: guests says whether, the rest is there only if so. Of any other room this says no more than
 * of one that does not exist, and both are 200: a page asks this of whatever room it is made for.
 */
enum err
door_get(struct req *r)
{
	static const char *const shown[] = {"title", "description", "cover", "locked"};
	json_int_t id = (json_int_t)req_id(r, "room");
	json_t *row, *door;
	enum err e;

	r->guest = true;
	e = rooms_find(r, req_id(r, "room"), &row);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	door = json_pack("{s:I, s:b}", "id", id, "guests", e == OK);
	for (size_t i = 0; e == OK && i < sizeof(shown) / sizeof(shown[0]); i++)
		(void)json_object_set(door, shown[i], json_object_get(row, shown[i]));
	return req_reply(r, 200, door);
}
