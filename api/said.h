/* SPDX-License-Identifier: MIT */
/* What a message is found by: the characters and pairs of neighbouring characters of its folded
 * text (gram.h), who sent it, and what is in it. Each of these is a key, a number; search_post has
 * a list for each.
 *
 * Blanks don't count beside characters of scripts that are written with and without them: "회의
 * 시간" and "회의시간" are the same, but "now here" is not "nowhere".
 */
#ifndef MARU_SAID_H
#define MARU_SAID_H

#include "shared/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What can be in a message, as bits. */
enum said_mark { SAID_LINK = 1, SAID_MENTION = 2, SAID_STICKER = 4, SAID_POLL = 8, SAID_FILE = 16 };
#define SAID_MARKS 5

/* A text as it is compared; NULL if it is no UTF-8. A part of a text is found as a part of what
 * this makes of the whole. */
const char *said_fold(struct arena *mem, const char *text);

/* The marks of a row with body, type, entities and content; folded is the folded body. */
unsigned said_marks(const json_t *row, const char *folded);

/* The pairs of a folded text, one for each of its characters with the one behind it, in their
 * order. Before a blank and at the end a character stands with nothing, which is the key of all
 * texts that have it. Blanks are left out. At most strlen(folded) of them. Returns how many. */
size_t said_pairs(const char *folded, uint64_t *out);

/* All keys of a folded text, some of them twice: its pairs and its characters. At most
 * 2 * strlen(folded). */
size_t said_keys(const char *folded, uint64_t *out);

/* The key of a sender, and of a mark. */
uint64_t said_sender(uint64_t user);
uint64_t said_mark(unsigned mark);

#endif
