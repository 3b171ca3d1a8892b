/* SPDX-License-Identifier: MIT */
/* The kinds of servers that bench/push.c can measure: how a client of each subscribes, and how a
 * message gets to all of them.
 *
 *   pusher    bench/reference.c and maru-push; what to publish comes over the bus
 *   socketio  bench/rivals/node, whose channels are rooms; it is told by a client that is in
 * another room, once for a whole burst nchan     the module of nginx, bench/rivals/nchan.conf; it
 * is told by POST requests, of which a burst's stand in one pipeline
 */
#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

struct group;

/* server: a socket's path or a port. key: the path of the bus for pusher, the token of every client
 * for socketio, nothing for nchan. */
void dialect_start(const char *name, const char *server, const char *key);

/* Sends so many messages to all of a group. Each is a text of 256 bytes to them, whatever its
 * dialect wraps around it. */
void dialect_publish(const struct group *g, unsigned times);

#endif
