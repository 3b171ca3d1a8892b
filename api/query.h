/* SPDX-License-Identifier: MIT */
/* name=value pairs of a query or an urlencoded form (WHATWG URL,
 * application/x-www-form-urlencoded). */
#ifndef MARU_QUERY_H
#define MARU_QUERY_H

#include "shared/arena.h"
#include "shared/buf.h"

/* The decoded value of the first pair with this name, in the arena; NULL if there is none or if
 * it is no text (a broken %-escape or a NUL). */
const char *query_value(struct arena *mem, struct str query, const char *name);

/* Text from a URL's path, decoded: %-escapes only, '+' is itself. NULL if it is no text. */
const char *query_decode(struct arena *mem, struct str text);

/* Adds text to a URL: everything but letters, digits and "-._~" as %-escapes (RFC 3986, 2.3). */
void query_encode(struct buf *out, struct str text);

#endif
