/* SPDX-License-Identifier: MIT */
/* Finding words in a text as people read it, and making them unreadable. Upper and lower case,
 * compatibility forms and invisible characters are no way around it (gram_fold). */
#ifndef MARU_WORDMASK_H
#define MARU_WORDMASK_H

#include "shared/arena.h"

#include <stddef.h>

/* The text with each character of each place where one of the folded words stands replaced by a
 * star; the same pointer if none of them stands anywhere. */
const char *wordmask(struct arena *mem, const char *text, const char *const *words, size_t n);

#endif
