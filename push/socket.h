/* SPDX-License-Identifier: MIT */
/* What the operating system has to grant before ws.c can listen. */
#ifndef MARU_SOCKET_H
#define MARU_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* Whether nobody listens on this Unix socket: a live daemon must not lose its socket to a second
 * one, a file that a dead one left behind may be replaced. False after saying so in the log. */
bool socket_is_free(const char *path);

/* Gives the socket to a group; an empty name leaves it as it is. False after logging why. */
bool socket_give(const char *path, const char *group);

/* Files that may be open beside the websockets: the log, the loop, the bus, refused clients. */
#define SOCKET_SPARE 200

/* Raises the limit of open files to so many websockets and what is spare, and lowers it to that:
 * libwebsockets makes tables of its size. Warns if the hard limit is below. Returns what may be
 * open. From here on a client for whom no descriptor is left is hung up on, and accept(2) says that
 * nobody is there. */
size_t socket_files(size_t websockets);

/* Whether a websocket may have this descriptor. The last ones are for others: when all below are
 * taken, a client gets one of those, since the kernel gives out the lowest free number. */
bool socket_has_room(int fd);

#endif
