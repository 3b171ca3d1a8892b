/* SPDX-License-Identifier: MIT */
/* Lists of STUN and TURN servers (RFC 7064, RFC 7065), as they stand in the settings, with commas
 * or blanks between them: turn:turn.example.org:3478?transport=udp, turns:turn.example.org:5349
 */
#ifndef MARU_ICEURLS_H
#define MARU_ICEURLS_H

#include "buf.h"

#include <stdbool.h>

/* Takes the next address out of a list; false at its end. */
bool iceurls_next(const char **list, struct str *url);

/* Whether a list has nothing but addresses with this scheme, "stun" or "turn", or the same with an
 * s. A browser that is given anything else refuses to make a connection at all. */
bool iceurls_are(const char *list, const char *scheme);

#endif
