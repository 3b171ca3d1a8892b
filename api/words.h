/* SPDX-License-Identifier: MIT */
/* Words that what people write may not have; in one room, or (room 0) anywhere. */
#ifndef MARU_WORDS_H
#define MARU_WORDS_H

#include "req.h"

/* For a text that is written in a room: ERR_REFUSED_WORD, or *text is another one with the words
 * that are to be masked as stars. Ask for the right to write before: who may not must not learn
 * the words. */
enum err words_filter(struct req *r, uint64_t room, const char **text);

/* For names and titles: ERR_REFUSED_WORD if one of the words that hold anywhere is in it. NULL is
 * no text. */
enum err words_check(struct req *r, const char *text);

#endif
