/* SPDX-License-Identifier: MIT */
/* The sockets. ws.c is the only file that knows libwebsockets; turn.c writes through it, and the
 * rest of push/ never calls into a socket.
 *
 * One process has one set of websockets, so there is no handle.
 */
#ifndef MARU_WS_H
#define MARU_WS_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct conn;
struct ev_loop;
struct hub;

/* Listens on push_socket and joins the loop, which the caller runs. False after saying why in the
 * log. conf and hub must outlive ws_stop(). */
bool ws_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub);

/* Closes every connection with 4100 ("connect again in a second") and accepts no more; the loop has
 * to run a little longer for that. */
void ws_leave(void);

/* Frees everything. The loop must not be running. */
void ws_stop(void);

/* Writes ready-made bytes. What the socket does not take is kept and sent before anything else.
 * False: the socket is dead. */
bool ws_write(struct conn *c, unsigned char *bytes, size_t n);

/* Whether something is kept, so that no more should be written. */
bool ws_is_full(struct conn *c);

/* Has turn_drain() called when the socket takes something again. */
void ws_await(struct conn *c);

/* Writes the last bytes, takes the connection out of the hub and has its socket closed (parting.h).
 * Not from within a callback. */
void ws_finish(struct conn *c, unsigned char *bytes, size_t n);

/* Closes a socket of libwebsockets at once. */
void ws_cut(void *ws);

#endif
