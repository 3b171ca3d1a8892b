/* SPDX-License-Identifier: MIT */
/* Finding people by their nicknames. */
#ifndef MARU_USERLISTS_H
#define MARU_USERLISTS_H

#include "req.h"

/* Makes that somebody can be found by the nickname that they have now, or not be found any more.
 * Call it in the transaction that changes the nickname, `found` or `state`, after the change. */
enum err users_index(struct req *r, uint64_t user);

/* Does so for a few accounts that are behind, such as those from before there was a search; true:
 * there are more. */
bool users_index_step(struct req *r);

#endif
