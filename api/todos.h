/* SPDX-License-Identifier: MIT */
/* What others need to know about to-dos. */
#ifndef MARU_TODOS_H
#define MARU_TODOS_H

#include "req.h"

/* Takes off what somebody wrote in the last so many seconds (0: ever) on the list of a room whose
 * stream is held, but what is another one's to do or was done by another one; tells how many, and
 * the room of each. */
enum err todos_purge(struct req *r, uint64_t room, uint64_t user, int64_t seconds, uint64_t *count);

#endif
