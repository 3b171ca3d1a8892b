/* SPDX-License-Identifier: MIT */
/* Names of files: what may be kept of one, and how a browser is told (Content-Disposition). */
#ifndef MARU_DISPOSITION_H
#define MARU_DISPOSITION_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdbool.h>

#define DISPOSITION_NAME_MAX 255 /* bytes */

/* What is kept of a name that somebody gave to a file, in the arena: the last part of a path, in
 * UTF-8, without control characters and without those that turn the direction of writing (they make
 * "photo\u202egpj.exe" look like a picture), and no longer than a file system takes; the extension
 * stays. "" if nothing is left. */
const char *disposition_name(struct arena *mem, struct str raw);

/* Adds the value of a Content-Disposition (RFC 6266): "attachment", or else "inline", and the name
 * in UTF-8, with a copy in ASCII for those who don't know RFC 8187. No name with "". */
void disposition_add(struct buf *out, bool attachment, const char *name);

#endif
