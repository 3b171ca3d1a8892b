/* SPDX-License-Identifier: MIT */
/* Reading the log of a stream. */
#ifndef MARU_EVENTS_H
#define MARU_EVENTS_H

#include "req.h"
#include "shared/wire.h"

/* Reads what happened in a stream after a seq, at most limit events {seq, mid, type, data} in
 * order, and the head. Nothing is missing between the first and the last of them. */
enum err events_read(struct req *r, enum wire_kind kind, uint64_t stream, uint64_t after,
    uint64_t limit, json_t **events, uint64_t *head);

#endif
