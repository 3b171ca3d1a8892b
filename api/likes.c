/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/like and /v1/rooms/:room/likes: who likes a room.
 *
 * Liking is nothing that happens in the room: its log does not tell it. The asker's own stream
 * does, for their other devices, and whoever looks at the list of rooms gets the new number by a
 * signal (room.likes), which is not kept.
 *
 * The room's stream is held all the same, and first. The number stands in the room's row, which
 * joining, leaving and all others change while they hold the room's stream, and before they tell
 * people on their own streams. Who took the own stream first and then that row would sooner or
 * later meet one of them the other way round.
 */
#include "db.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

/* {room, likes} */
static json_t *
describe(struct req *r, uint64_t room, uint64_t likes)
{
	return req_own(
	    r, json_pack("{s:I, s:I}", "room", (json_int_t)room, "likes", (json_int_t)likes));
}

/* Tells the own devices, and those who look at the lobby. */
static enum err
announce(struct req *r, const struct stream_pos *at, const json_t *row, bool liked, uint64_t likes)
{
	json_t *data = describe(r, row_id(row, "id"), likes);
	const char *text;

	if (rooms_is_listed(row)) {
		TRY(req_dump(r, data, &text));
		notify_signal(
		    r, notify_channel(&r->mem, WIRE_LOBBY, 0), "room.likes", str_of(text), 0);
	}
	return stream_store(r, at, liked ? EV_ROOM_LIKED : EV_ROOM_UNLIKED, data);
}

static enum err
change(struct req *r, bool liked)
{
	uint64_t room = req_id(r, "room"), changed, likes;
	struct stream_pos at;
	json_t *row;

	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(rooms_find(r, room, &row));
	if (rooms_is_direct(row))
		return req_fail(r, ERR_FORBIDDEN, "a conversation of two can't be liked");
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(liked ? sql_like_insert(r, room, r->user, &changed)
		  : sql_like_delete(r, room, r->user, &changed));
	likes = row_id(row, "likes");
	if (changed == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
	} else {
		likes = liked ? likes + 1 : likes - 1;
		TRY(sql_room_count_likes(r, room, liked ? 1 : -1, NULL));
		TRY(announce(r, &at, row, liked, likes));
	}
	return req_reply(
	    r, 200, json_pack("{s:b, s:I}", "liked", (int)liked, "likes", (json_int_t)likes));
}

/* Likes a room, or does so already: 200 with {liked, likes}. */
enum err
likes_add(struct req *r)
{
	return change(r, true);
}

/* Likes it no more: 200 with {liked, likes}. */
enum err
likes_remove(struct req *r)
{
	return change(r, false);
}

/* Who likes the room, in the order of their ids, for whoever may know of it. */
enum err
likes_list(struct req *r)
{
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(rooms_find(r, req_id(r, "room"), &row));
	TRY(sql_likes_list(r, req_id(r, "room"), page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "likes", rows, &page, "id");
}
