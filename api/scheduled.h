/* SPDX-License-Identifier: MIT */
/* Messages that are sent later. */
#ifndef MARU_SCHEDULED_H
#define MARU_SCHEDULED_H

#include "req.h"

/* Sends one whose time has come, or gives it up; true: there may be more. The feeder calls it. */
bool scheduled_step(struct req *r);

#endif
