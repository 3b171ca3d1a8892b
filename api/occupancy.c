/* SPDX-License-Identifier: MIT */
/* /v1/rooms/occupancy: how many people are inside of rooms right now, beside those who are members.
 * This decides what may be seen; maru-push, which alone knows, answers (push/http.h). */
#include "ids.h"
#include "route.h"
#include "sql.h"

/* {"occupancy": [{id, present}]} in the order of ?rooms=. A room that the asker may not know of
 * can't be told from one that is empty, or none. */
enum err
occupancy_list(struct req *r)
{
	struct buf *uri = req_buf(r, 8000);
	const char *before = "/occupancy?rooms=", *text;
	json_t *ids, *id, *rows;
	size_t i;

	TRY(ids_read(r, "rooms", &ids, &text));
	TRY(sql_occupancy_visible(r, r->user, text, &rows));
	json_array_foreach (ids, i, id) {
		buf_printf(uri, "%s%" JSON_INTEGER_FORMAT "%s", before, json_integer_value(id),
		    ids_find(rows, id) == NULL ? "-" : "");
		before = ",";
	}
	return req_redirect(r, (struct str){uri->p, uri->n});
}
