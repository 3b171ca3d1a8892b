/* SPDX-License-Identifier: MIT */
/* /v1/users/me/unread: what waits for somebody in each room. */
#include "route.h"
#include "sql.h"

#define SPAN 500 /* events of a room that are looked through: a fifth of a millisecond */

/* The rooms of the asker by id, each with how many messages of others stand behind the cursor;
 * where more than SPAN events do, how many are in those (`more`); how many of what is
 * unread mention them, or all; and what they want to be told of the room (rules.c). */
enum err
unread_list(struct req *r)
{
	json_int_t total = 0;
	json_t *rows, *row;
	size_t i;

	TRY(sql_unread_list(r, r->user, SPAN, &rows));
	json_array_foreach (rows, i, row)
		total += (json_int_t)row_id(row, "unread");
	return req_reply(r, 200, json_pack("{s:O, s:I}", "rooms", rows, "total", total));
}
