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

/* Raises the limit of open files to what is needed, and lowers it to that: libwebsockets makes
 * tables of its size. Warns if the hard limit is below. Returns what may be open. */
size_t socket_files(size_t need);

#endif
