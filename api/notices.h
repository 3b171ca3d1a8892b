/* SPDX-License-Identifier: MIT */
/* What stands on top of a room. */
#ifndef MARU_NOTICES_H
#define MARU_NOTICES_H

#include "req.h"

/* Whether the asker may put something on top of the room that rooms_find() gave, a notice or a pin:
 * its moderators and its host; in group and direct rooms everybody who is in it and not muted. */
enum err notices_permit(struct req *r, const json_t *row);

#endif
