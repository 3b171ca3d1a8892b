/* SPDX-License-Identifier: MIT */
/* What others need to know about files. */
#ifndef MARU_FILES_H
#define MARU_FILES_H

#include "req.h"

/* A row of file_view as people see it: a new object {id, kind, name, type, bytes, url, ...}. */
json_t *files_shown(const json_t *row);

/* The asker's own file of a kind, or of any (NULL), that the field of the body names. ERR_INVALID
 * if there is none. */
enum err files_own(struct req *r, const char *field, uint64_t file, const char *kind, json_t **row);

#endif
