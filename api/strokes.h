/* SPDX-License-Identifier: MIT */
/* What others need to know about strokes. */
#ifndef MARU_STROKES_H
#define MARU_STROKES_H

#include "req.h"

#define STROKES_MAX 2000 /* on a board */

/* Takes off what somebody drew in a room whose stream is held, in the last so many seconds (0:
 * ever), at most `limit` strokes, the oldest first; tells how many, and the room. */
enum err strokes_purge(
    struct req *r, uint64_t room, uint64_t user, int64_t seconds, int64_t limit, uint64_t *count);

#endif
