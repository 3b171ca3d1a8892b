/* SPDX-License-Identifier: MIT */
/* Two people: the asker and somebody else, whom friends.c, directs.c and blocks concern at once.
 *
 * Whatever changes between them happens while both their streams are held, so what pairs_get() said
 * then is true until the end. The order within a transaction: pairs_freeze(), the stream of a room
 * if there is one, pairs_hold().
 */
#ifndef MARU_PAIRS_H
#define MARU_PAIRS_H

#include "req.h"

/* Keeps both accounts as they are until the transaction ends: none is renamed, disabled or erased
 * meanwhile. Before any stream is held, as users_update() locks its account before streams.
 * ERR_NOT_FOUND if there is no such account. */
enum err pairs_freeze(struct req *r, uint64_t other);

/* Holds both their streams, without taking a seq. ERR_NOT_FOUND if somebody has none. */
enum err pairs_hold(struct req *r, uint64_t other);

/* How the two stand to each other: {id, state, direct} of the other; blocks, blocked: whether the
 * asker blocks the other, and the other the asker; mine, theirs: friend.state of either one's row,
 * "" where there is none. ERR_NOT_FOUND if there is no such account. */
enum err pairs_get(struct req *r, uint64_t other, json_t **out);

/* ERR_CONFLICT if the asker blocks the other of this row. */
enum err pairs_check_block(struct req *r, const json_t *pair);

#endif
