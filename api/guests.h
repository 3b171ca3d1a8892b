/* SPDX-License-Identifier: MIT */
/* People without an account. */
#ifndef MARU_GUESTS_H
#define MARU_GUESTS_H

#include "req.h"

/* Begins to erase guests whose last session has ended: looks at some of all, and goes on there the
 * next time. For the feeder; nothing is lost if it is interrupted. */
void guests_sweep(struct req *r);

#endif
