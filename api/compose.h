/* SPDX-License-Identifier: MIT */
/* From what somebody wrote to what is stored: a text without signs of Markdown and with stars for
 * masked words, what its parts are, and whom it mentions. Done once, when it is sent or changed. */
#ifndef MARU_COMPOSE_H
#define MARU_COMPOSE_H

#include "req.h"

struct composed {
	const char *plain;    /* without signs */
	const char *body;     /* and with stars; the same pointer if there are none */
	const char *entities; /* JSON as text (rich.h), or NULL: none */
	const char *mentions; /* a JSON array of ids (mentions.h), or NULL: nobody */
};

/* Does it for a text of the asker's in a room. ERR_REFUSED_WORD as words_filter(), with the text
 * as it is without signs; ask for the right to write before. */
enum err compose_text(
    struct req *r, uint64_t room, const char *said, bool markdown, struct composed *out);

#endif
