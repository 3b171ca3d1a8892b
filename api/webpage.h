/* SPDX-License-Identifier: MIT */
/* What a page says about itself: <title> and the <meta> of Open Graph (ogp.me). The only file that
 * sees libxml2. */
#ifndef MARU_WEBPAGE_H
#define MARU_WEBPAGE_H

#include "shared/arena.h"
#include "shared/buf.h"

#define WEBPAGE_TITLE_MAX 200 /* characters */
#define WEBPAGE_TEXT_MAX  500

/* Texts are one line of UTF-8 in the arena, or NULL. image is an address of any kind. */
struct webpage {
	const char *title, *description, *site, *image;
};

/* Reads HTML, however broken; type is the Content-Type that came with it. Pages of Korea that do
 * not name their encoding are taken for what they then are. */
void webpage_read(struct arena *mem, struct str html, const char *type, struct webpage *out);

#endif
