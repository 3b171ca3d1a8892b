/* SPDX-License-Identifier: MIT */
/* Who may open a websocket: decisions over the texts of a handshake, without any socket. ws.c asks.
 */
#ifndef MARU_ADMIT_H
#define MARU_ADMIT_H

#include "buf.h"

#include <stdbool.h>

/* Whether pages of this origin may connect: the server's own (same host and port as the Host
 * header) or one of cors_origins. An empty origin is no browser: allowed. */
bool admit_origin(struct str origin, struct str host, const char *cors_origins);

/* Whether this is a path below "/app/": a websocket is accepted there, if only to be told why not.
 */
bool admit_path(struct str path);

/* 0, or the code to close with; *why is a static sentence. protocol: the query's protocol number,
 * empty if it has none. */
unsigned admit_app(struct str path, struct str protocol, const char *app_key, const char **why);

#endif
