/* SPDX-License-Identifier: MIT */
/* What others need to know about messages. */
#ifndef MARU_MESSAGES_H
#define MARU_MESSAGES_H

#include "req.h"

/* The messages of a room with seq above after, in order, at most limit. */
enum err messages_after(struct req *r, uint64_t room, uint64_t after, uint64_t limit, json_t **out);

#endif
