/* SPDX-License-Identifier: MIT */
/* What others need to know about purges. */
#ifndef MARU_PURGES_H
#define MARU_PURGES_H

#include "stream.h"

/* Erases what somebody said from one seq to another in a room whose stream is held, with the
 * reactions and pins of it; gives the data of the event messages.purged, which the request owns.
 * The first of them is a message that is not deleted yet. */
enum err purges_erase(struct req *r, const struct stream_pos *at, uint64_t user, uint64_t first,
    uint64_t last, json_t **data);

#endif
