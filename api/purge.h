/* SPDX-License-Identifier: MIT */
/* Erasing what deleted rooms leave behind. A room may hold millions of messages: they go bit by
 * bit, so that no transaction is long and no request waits. */
#ifndef MARU_PURGE_H
#define MARU_PURGE_H

#include "req.h"

#include <stdbool.h>

/* Erases a little; true: there is more to do. Nothing is lost if it is interrupted. */
bool purge_step(struct req *r);

#endif
