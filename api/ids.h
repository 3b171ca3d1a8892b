/* SPDX-License-Identifier: MIT */
/* Ids in a query: ?users=5,7,9 */
#ifndef MARU_IDS_H
#define MARU_IDS_H

#include "req.h"

/* Reads 1 to 100 ids into a JSON array and its text, which statements take apart again
 * (JSON_TABLE). ERR_INVALID if it is anything else. */
enum err ids_read(struct req *r, const char *name, json_t **ids, const char **text);

/* The row whose id this is, or NULL. */
const json_t *ids_find(const json_t *rows, const json_t *id);

#endif
