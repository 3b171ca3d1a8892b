/* SPDX-License-Identifier: MIT */
/* What others need to know about bans. */
#ifndef MARU_BANS_H
#define MARU_BANS_H

#include "req.h"

/* ERR_BANNED if this person may not come into the room. Ask while its stream is held, after all
 * that a stranger is refused for. */
enum err bans_check(struct req *r, uint64_t room, uint64_t user);

#endif
