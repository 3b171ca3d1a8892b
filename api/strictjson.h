/* SPDX-License-Identifier: MIT */
/* JSON from strangers: what RFC 8259 leaves open is refused. */
#ifndef MARU_STRICTJSON_H
#define MARU_STRICTJSON_H

#include "shared/buf.h"

#include <jansson.h>

/* Parses one whole document: no duplicate keys, no more than DEPTH_MAX levels (depth.h), no NUL in
 * strings, valid UTF-8, numbers in range, nothing behind it. A new reference, or NULL and *why
 * (static or valid until the next call). */
json_t *strictjson_parse(struct str text, const char **why);

#endif
