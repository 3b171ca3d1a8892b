/* SPDX-License-Identifier: MIT */
/* What others need to know about reactions. */
#ifndef MARU_REACTIONS_H
#define MARU_REACTIONS_H

#include "req.h"

/* Gives each message of a page that has any its `reactions`: [{emoji, count, mine}]. The page must
 * be in the order of seq. */
enum err reactions_attach(struct req *r, uint64_t room, json_t *messages);

/* The same from rows {message, emoji, count, mine} that were read already, in the same order. */
void reactions_join(json_t *messages, json_t *rows);

/* Tells of reactions that wait for it, or forgets that a message was reacted to; true: there may be
 * more. The feeder calls it. */
bool reactions_step(struct req *r);

#endif
