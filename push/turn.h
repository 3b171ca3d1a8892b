/* SPDX-License-Identifier: MIT */
/* One turn of the loop: what was queued during it is written before the loop sleeps, and who is to
 * end ends then, outside of all callbacks. ws.c does the writing itself.
 *
 * After so many clients the loop looks around before the next get theirs: handshakes, pings and
 * timers go on while a message spreads to thousands. Nothing new is taken from the bus meanwhile
 * (turn_is_behind()): it would fill the queues of those who wait for their turn. This takes one
 * round at most. Who is told more in it, by clients, gets that in the next, before which the bus is
 * read: the members of a large room could keep everybody else waiting otherwise.
 *
 * When a message went to many and the processors are busy (pressure.h), the next ones are gathered
 * for a moment: a client that is written to has to be woken, and so has nginx before it, which
 * together cost many times what the bytes do. So under load several messages share one write, and
 * where there is none, none waits.
 *
 * Straight to the socket, because asking libwebsockets for a WRITEABLE callback costs two epoll_ctl
 * calls per client. Only a socket that took less than it was given is left to WRITEABLE.
 */
#ifndef MARU_TURN_H
#define MARU_TURN_H

#include <stdbool.h>

struct conn;
struct ev_io;
struct ev_loop;

void turn_start(struct ev_loop *loop);
void turn_stop(void);

/* Something was queued: it is written before the loop sleeps. */
void turn_wake(struct conn *c);

/* Writes at once what the socket takes. */
void turn_flush(struct conn *c);

/* The same from ws.c's callback, when the socket takes something again. False: the socket is dead.
 */
bool turn_drain(struct conn *c);

/* Decides the end of a connection. Nothing is delivered to it from here on; it is closed, and taken
 * out of the hub, only after the caller has returned to the loop, so it is safe to call anywhere,
 * and twice. Codes from 4000 are announced by pusher:error. why must be static. */
void turn_end(struct conn *c, unsigned code, const char *why);

/* Whether the round goes on: some still wait for what was queued before it began. */
bool turn_is_behind(void);

/* How many rounds are over. */
unsigned turn_rounds(void);

/* Who is not to be listened to while messages are gathered: they wait where they are, and nobody is
 * woken for each. NULL: nobody. */
void turn_hold(struct ev_io *w);

/* More is waiting than one round takes: nothing has to be gathered after it. */
void turn_hurry(void);

/* Whether nobody waits at all. */
bool turn_is_done(void);

/* The connection is no more. */
void turn_forget(struct conn *c);

#endif
