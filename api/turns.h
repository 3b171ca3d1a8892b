/* SPDX-License-Identifier: MIT */
/* Turns at what keeps a worker busy for long: writing or reading the history of a room. At most a
 * quarter of the workers do so at once, and one of them for the same person. */
#ifndef MARU_TURNS_H
#define MARU_TURNS_H

#include "req.h"

/* Prepares them (parent, before fork). False with errno. */
bool turns_init(void);

/* Takes a turn, which ends with the request, or with the worker. ERR_THROTTLED if the asker has one
 * already, ERR_UNAVAILABLE if there is none; Retry-After is set. */
enum err turns_take(struct req *r);

#endif
