/* SPDX-License-Identifier: MIT */
/* Throwing away what nobody can use any more: logins and codes that have expired, counted attempts,
 * old invitations, old entries of the audit. */
#ifndef MARU_SWEEP_H
#define MARU_SWEEP_H

#include "req.h"

#include <stdbool.h>

/* Throws a little away; true: there is more to do now. */
bool sweep_step(struct req *r);

#endif
