/* SPDX-License-Identifier: MIT */
/* What has to be looked at now and then in every followed stream: is its head where we think it is,
 * have its subscribers heard anything lately, is anybody there at all? Each stream has its turn
 * once a second; a tick looks at a part of them. For follow.c.
 */
#ifndef MARU_ROUNDS_H
#define MARU_ROUNDS_H

struct ev_loop;
struct follow;
struct hub;

void rounds_start(struct ev_loop *loop, struct hub *hub);
void rounds_stop(void); /* drops every followed channel from the hub */

void rounds_add(struct follow *f);
void rounds_remove(struct follow *f);

#endif
