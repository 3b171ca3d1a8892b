/* SPDX-License-Identifier: MIT */
/* What desks and calls have in common: the feeder asks maru-push who is where, and acts on it. */
#ifndef MARU_WATCH_H
#define MARU_WATCH_H

#include "req.h"
#include "shared/seat.h"
#include "shared/wire.h"

#define WATCH_AT_ONCE 2000 /* seats in a question */

/* The question about {user, place} rows, place 0: anywhere; returns how many there are. The packet
 * lives as long as the request. */
size_t watch_question(struct req *r, enum wire_op op, const json_t *rows, struct wire_packet *out);

/* The seats of an answer, aligned; *n: how many. They live as long as the request. */
struct wire_seat *watch_seats(struct req *r, struct str body, size_t *n);

/* The ids of those who are there, or missing, as the JSON array that statements take apart; NULL:
 * nobody is. */
const char *watch_ids(struct req *r, const struct wire_seat *seats, size_t n, enum wire_here here);

/* Does something with each {place, user}, in a transaction of its own; who has moved meanwhile is
 * left alone. */
void watch_each(
    struct req *r, const json_t *rows, enum err (*change)(struct req *, uint64_t, uint64_t));

#endif
