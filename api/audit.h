/* SPDX-License-Identifier: MIT */
/* Who did what to whom, for those who must answer for it. */
#ifndef MARU_AUDIT_H
#define MARU_AUDIT_H

#include "req.h"

/* Notes within the transaction that the asker did something: action is "<noun>.<past verb>", room
 * and user may be 0. Takes over the reference to data, an object that tells more, or NULL. What
 * people wrote does not belong in it: it may have been taken away with good reason. */
enum err audit_note(struct req *r, const char *action, uint64_t room, uint64_t user, json_t *data);

#endif
