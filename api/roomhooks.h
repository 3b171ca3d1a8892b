/* SPDX-License-Identifier: MIT */
/* What others need to know about the hooks of rooms. */
#ifndef MARU_ROOMHOOKS_H
#define MARU_ROOMHOOKS_H

#include "req.h"

/* Erases a hook of a room that is gone, and its bot; *rows: how many. As the steps of purge.c. */
enum err roomhooks_purge(struct req *r, uint64_t room, int64_t limit, uint64_t *rows);

#endif
