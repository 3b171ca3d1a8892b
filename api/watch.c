/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "db.h"
#include "row.h"
#include "shared/log.h"

#include <inttypes.h>
#include <string.h>

size_t
watch_question(struct req *r, enum wire_op op, const json_t *rows, struct wire_packet *out)
{
	size_t i, n = json_array_size(rows);
	struct wire_seat *seats = arena_alloc(&r->mem, n * sizeof(*seats) + 1);
	json_t *row;

	json_array_foreach (rows, i, row) {
		seats[i] =
		    (struct wire_seat){.user = row_id(row, "user"), .place = row_id(row, "place")};
	}
	*out = (struct wire_packet){.op = op, .body = {(const char *)seats, n * sizeof(*seats)}};
	return n;
}

struct wire_seat *
watch_seats(struct req *r, struct str body, size_t *n)
{
	struct wire_seat *seats;

	*n = body.n / sizeof(*seats);
	seats = arena_alloc(&r->mem, *n * sizeof(*seats) + 1);
	memcpy(seats, body.p, *n * sizeof(*seats));
	return seats;
}

const char *
watch_ids(struct req *r, const struct wire_seat *seats, size_t n, enum wire_here here)
{
	struct buf *text = req_buf(r, WIRE_MAX);
	const char *before = "[";

	for (size_t i = 0; i < n; i++) {
		if (seats[i].here != here)
			continue;
		buf_printf(text, "%s%" PRIu64, before, seats[i].user);
		before = ",";
	}
	if (text->n == 0)
		return NULL;
	buf_addch(text, ']');
	return arena_strndup(&r->mem, text->p, text->n);
}

void
watch_each(struct req *r, const json_t *rows, enum err (*change)(struct req *, uint64_t, uint64_t))
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		enum err e = change(r, row_id(row, "place"), row_id(row, "user"));

		db_rollback(r->db);
		r->notices = NULL; /* of what was not stored */
		if (e != OK && e != ERR_NOT_FOUND && e != ERR_RETRY)
			log_warn("seat of %" PRIu64 ": %s", row_id(row, "user"), err_info(e)->slug);
	}
}
