/* SPDX-License-Identifier: MIT */
/* How much of the daemon one client may have: connections of one address, handshakes in a second,
 * frames and catch-ups of one connection. (Connections of one person: hub_identify().)
 *
 * What is too much for the moment is closed with a code from 4100 on: clients come back after a
 * second or more. One that keeps within the limits never meets them: it may subscribe to all its
 * channels at once, and resume them all, after each reconnect.
 */
#ifndef MARU_LIMITS_H
#define MARU_LIMITS_H

#include "conn.h"

#define LIMITS_FRAMES  (2 * CONN_SUBSCRIPTIONS) /* at once, before push_frames counts */
#define LIMITS_RESUMES (2 * CONN_SUBSCRIPTIONS) /* at once */
#define LIMITS_RESUMED 5                        /* a second; each may cost STREAM_RECOVER events */

/* A connection that has its address was opened: NULL, or why it is closed (with CODE_CROWDED). An
 * IPv6 address counts by its first 64 bits, which one household has; programs on this host are not
 * counted. now: clock_mono(). */
const char *limits_open(struct conn *c, int64_t now);

/* It ended; may be called for any, and twice. */
void limits_close(struct conn *c);

/* Whether one more frame, or one more catch-up, is all right. Else c is being closed. */
bool limits_frame(struct conn *c, int64_t now);
bool limits_resume(struct conn *c, int64_t now);

#endif
