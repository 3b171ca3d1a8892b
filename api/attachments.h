/* SPDX-License-Identifier: MIT */
/* The files of a message: content {attachments: [{id, kind, name, ...}]}, as files_shown() has them
 * at that moment, and rows that say who may read them. */
#ifndef MARU_ATTACHMENTS_H
#define MARU_ATTACHMENTS_H

#include "req.h"

#define ATTACHMENTS_MAX 10

/* From ids to what send.h wants; both NULL without any. ERR_INVALID for one that is not the
 * asker's, or named twice; ERR_TOO_LARGE where the room has too much already. */
enum err attachments_read(
    struct req *r, uint64_t room, const json_t *ids, const char **content, const char **files);

/* The ids in the content of a message, as JSON; NULL: none. In the request's memory. */
enum err attachments_of(struct req *r, const json_t *content, const char **files);

#endif
