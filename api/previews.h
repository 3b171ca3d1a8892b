/* SPDX-License-Identifier: MIT */
/* What others need to know about the previews of links. */
#ifndef MARU_PREVIEWS_H
#define MARU_PREVIEWS_H

#include "req.h"

/* Asks the courier for previews of the links of a message; entities as they are stored. Without a
 * transaction, after the message was stored, a failure is only a message without previews. */
enum err previews_ask(struct req *r, uint64_t room, uint64_t message, const char *entities);

/* The same for a message that is changed in this transaction. */
enum err previews_renew(struct req *r, uint64_t room, uint64_t message, const char *entities);

#endif
