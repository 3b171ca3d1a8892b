/* SPDX-License-Identifier: MIT */
/* A text and what its parts are, so that no client has to parse any: links, mentions and, of a text
 * that was written in Markdown, how it looks. Nothing is ever HTML.
 *
 * Clients get the parts as entities: [{"type": "bold", "offset": 0, "length": 4}, ...], sorted, the
 * outer one first; two never cross. Offset and length count UTF-16 code units, as strings do in
 * JavaScript, Java, Kotlin, Swift's NSString and Dart; whoever counts otherwise converts once.
 */
#ifndef MARU_RICH_H
#define MARU_RICH_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* The outer ones first, where two are of the same characters. */
enum span_type {
	SPAN_QUOTE,
	SPAN_PRE,
	SPAN_LINK,
	SPAN_BOLD,
	SPAN_ITALIC,
	SPAN_STRIKE,
	SPAN_CODE,
	SPAN_MENTION,
	SPAN_MENTION_ALL
};

struct span {
	enum span_type type;
	size_t from, to; /* bytes of the text */
	struct str word; /* of a link: where to; of lines of code: their language, or nothing */
	uint64_t user;   /* of a mention */
};

#define RICH_SPANS_MAX 200   /* what is more stays text */
#define RICH_JSON_MAX  16384 /* bytes */

struct rich {
	struct arena *mem;
	const char *text;
	struct span *spans; /* NULL before the first */
	size_t n;
};

/* A text of which nothing is known yet. It must live as long as the arena. */
void rich_init(struct rich *t, struct arena *mem, const char *text);

/* False if there is no room for it, or if it would cross another one. */
bool rich_add(struct rich *t, struct span span);

/* Whether nothing is to be found at this place: it is code, or a link. */
bool rich_is_closed(const struct rich *t, size_t at);

/* Finds the links, http and https only. */
void rich_find_links(struct rich *t);

/* How long the address of a link is that begins at s, 0: it is none. */
size_t rich_link_length(const char *s, size_t n);

/* Whether a letter, digit or underscore of a script that puts blanks between words (Latin, Greek,
 * Cyrillic) ends right before, or begins at, a place. */
bool rich_is_word_before(const char *text, size_t at);
bool rich_is_word_at(const char *text, size_t at);

/* Puts another text in the place of one: what is known of it stays true only where both are as
 * long, as a text and the same with stars are, and is forgotten otherwise. */
void rich_replace(struct rich *t, const char *text);

/* The entities as JSON, in the arena; NULL if there are none. */
const char *rich_entities(struct rich *t);

#endif
