/* SPDX-License-Identifier: MIT */
/* Avatars and covers: "preset-3", "" for none, or "file-<id>", a picture that was uploaded. */
#ifndef MARU_EMBLEM_H
#define MARU_EMBLEM_H

#include "req.h"

#define EMBLEM_AVATARS 10 /* presets of clients */
#define EMBLEM_COVERS  20

/* ERR_INVALID for the field unless the text is one of them, and the file is the asker's and stands
 * for nobody else. as: "avatar" or "cover", of user or room number `of` (0: of a new one). In a
 * transaction the file can't go before its end; triggers of the database (schema.sql) note the use.
 */
enum err emblem_check(
    struct req *r, const char *field, const char *text, const char *as, uint64_t of);

/* The text for an uploaded picture, in the request's memory. */
const char *emblem_text(struct req *r, uint64_t file);

#endif
