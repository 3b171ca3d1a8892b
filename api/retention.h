/* SPDX-License-Identifier: MIT */
/* Rooms may forget what was said some days ago (room.retention). What is older goes from the front
 * of the log, bit by bit: first the room's floor is raised, from where on nobody sees it, then it
 * is erased. */
#ifndef MARU_RETENTION_H
#define MARU_RETENTION_H

#include "req.h"

#include <stdbool.h>

/* Erases a little; true: there is more to look at now. Nothing is lost if it is interrupted. */
bool retention_step(struct req *r);

#endif
