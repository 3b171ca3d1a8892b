/* SPDX-License-Identifier: MIT */
/* Removes files that nothing refers to. */
#ifndef MARU_FILESWEEP_H
#define MARU_FILESWEEP_H

#include "req.h"

/* Removes some; true: there may be more. */
bool filesweep_step(struct req *r);

#endif
