/* SPDX-License-Identifier: MIT */
/* The websockets. ws.c is the only file that knows libwebsockets; the rest of push/ asks it to wake
 * or to close a connection and never calls into a socket itself.
 *
 * One process has one set of websockets, so there is no handle.
 */
#ifndef MARU_WS_H
#define MARU_WS_H

#include <stdbool.h>

struct conf;
struct conn;
struct ev_loop;
struct hub;

/* Files that may be open beside the websockets: the log, the loop, the bus, refused clients. */
#define WS_SPARE_FILES 200

/* Listens on push_socket and joins the loop, which the caller runs. False after saying why in the
 * log. conf and hub must outlive ws_stop(). */
bool ws_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub);

/* Closes every connection with 4200 ("connect again") and accepts no more; the loop has to run a
 * little longer for that. */
void ws_leave(void);

/* Frees everything. The loop must not be running. */
void ws_stop(void);

/* Something was queued: it is written before the loop sleeps. */
void ws_wake(struct conn *c);

/* Writes at once what the socket takes. */
void ws_flush(struct conn *c);

/* Decides the end of a connection. Nothing is delivered to it from here on; it is closed, and taken
 * out of the hub, only after the caller has returned to the loop, so it is safe to call anywhere,
 * and twice. Codes from 4000 are announced by pusher:error. why must be static. */
void ws_close(struct conn *c, unsigned code, const char *why);

#endif
