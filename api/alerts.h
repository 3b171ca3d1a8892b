/* SPDX-License-Identifier: MIT */
/* Brings the notifications of a message in line with it: whoever it mentions or answers is told,
 * and whoever was told of what is no more is told that.
 *
 * A row in the table alert says that this is to be done. It is written in the transaction that
 * makes it so: message_send, an edit, a deletion. The worker does it right after its commit; what a
 * killed one left the feeder finds. The row goes in the transaction that stores the notifications,
 * so each is made once.
 */
#ifndef MARU_ALERTS_H
#define MARU_ALERTS_H

#include "req.h"

/* After a send was committed and outside of a transaction: tells the room first, then does it. What
 * can't be done now is left to the feeder. */
void alerts_run(struct req *r, uint64_t room, uint64_t message);

/* Does one that was left; true: there may be more. */
bool alerts_step(struct req *r);

#endif
