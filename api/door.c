/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/door: what somebody without an account sees of a room that lets guests in. */
#include "rooms.h"
#include "route.h"

/* 200 with what stands at the door; any other room is as good as missing. */
enum err
door_get(struct req *r)
{
	json_t *row;

	r->guest = true;
	TRY(rooms_find(r, req_id(r, "room"), &row));
	return req_reply(r, 200,
	    json_pack("{s:O, s:O, s:O, s:O, s:O}", "id", json_object_get(row, "id"), "title",
		json_object_get(row, "title"), "description", json_object_get(row, "description"),
		"cover", json_object_get(row, "cover"), "locked", json_object_get(row, "locked")));
}
