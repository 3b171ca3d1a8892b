/* SPDX-License-Identifier: MIT */
/* The sub-protocol "echo", in test builds only (`make CRASH=1`): same listener, same options, same
 * queue, but every message comes back as it came. So suites that know nothing of Pusher Channels
 * can try the framing.
 */
#ifndef MARU_ECHO_H
#define MARU_ECHO_H

#include "conn.h"

#ifdef MARU_CRASH
#define ECHO_BUILT 1
#else
#define ECHO_BUILT 0
#endif

/* Sends a message back; binary: as it came. */
void echo_receive(struct conn *c, struct str message, bool binary);

#endif
