/* SPDX-License-Identifier: MIT */
/* Bodies of forms with files, multipart/form-data (RFC 7578, RFC 2046), in whatever pieces they
 * come. What is held of one is the header of a part; its content passes through. */
#ifndef MARU_MULTIPART_H
#define MARU_MULTIPART_H

#include "shared/arena.h"
#include "shared/buf.h"
#include "shared/err.h"

#define MULTIPART_BOUNDARY_MAX 70
#define MULTIPART_HEADER_MAX   4096 /* bytes of all header lines of one part */
#define MULTIPART_PARTS_MAX    20

struct multipart;

/* One part is PART, then DATA as often as it takes (never empty; none for an empty part), then
 * PART_END. END comes once, after the last one. */
struct multipart_event {
	enum { MULTIPART_PART, MULTIPART_DATA, MULTIPART_PART_END, MULTIPART_END } what;
	/* Of a PART, living as long as the arena. "" is what was not given. The file name is what
	 * the browser says: any bytes but NUL, with paths and line breaks; see
	 * disposition_name(). */
	const char *name, *filename, *type;
	struct str data; /* of DATA; gone after the call */
};

typedef enum err multipart_fn(void *owner, const struct multipart_event *event);

/* A parser for the body with this Content-Type, in the arena. NULL: it is none of
 * multipart/form-data, or has no boundary of 1 to 70 visible characters. */
struct multipart *multipart_create(struct arena *mem, const char *content_type);

/* Takes the next bytes of the body and calls on() for what is in them. ERR_BAD_REQUEST with what is
 * no such body: a part without a name, a header of more than 4 KiB, more than 20 parts. An error
 * from on() ends it and is passed on. After an error each call gives the same one. */
enum err multipart_feed(struct multipart *m, struct str bytes, multipart_fn *on, void *owner);

/* At the end of the body: ERR_BAD_REQUEST unless the closing boundary has come. */
enum err multipart_end(struct multipart *m);

#endif
