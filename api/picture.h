/* SPDX-License-Identifier: MIT */
/* What a picture says of itself before it is decoded, and whether it shall be. Pure. */
#ifndef MARU_PICTURE_H
#define MARU_PICTURE_H

#include "shared/buf.h"

#define PICTURE_PIXELS_MAX 50000000 /* of all frames together */
#define PICTURE_FRAMES_MAX 300
#define PICTURE_EDGE_MAX   20000
#define PICTURE_LONG_EDGE  2048 /* of what is kept */

enum picture_kind {
	PICTURE_NONE,
	PICTURE_JPEG,
	PICTURE_PNG,
	PICTURE_WEBP,
	PICTURE_GIF,
	PICTURE_HEIF /* AVIF and HEIC */
};

struct picture {
	enum picture_kind kind;
	unsigned width, height, frames; /* of the first frame; before it is turned upright */
	bool alpha;
};

/* By the first 16 bytes or more. */
enum picture_kind picture_kind(struct str first);

/* Whether the file, by its last bytes, may be whole; only of GIF, of which vips takes any part.
 * What stands behind the picture makes it no whole one. */
bool picture_ends(enum picture_kind kind, struct str last);

/* Reads what `vipsheader -a` prints about a picture of this kind. False if it says something else.
 */
bool picture_read(const char *header, enum picture_kind kind, struct picture *out);

/* Why it is not decoded, a sentence; NULL: it is. */
const char *picture_refused(const struct picture *p);

/* Whether it moves. */
bool picture_moves(const struct picture *p);

/* The long edge that it is made smaller to, if it is longer. */
unsigned picture_edge(const struct picture *p);

#endif
