/* SPDX-License-Identifier: MIT */
/* Lists of numbers in ascending order, as short texts: the difference to the number before, five
 * bits per character, the lowest first. The characters are of ASCII and need no escape in JSON. */
#ifndef MARU_POSTINGS_H
#define MARU_POSTINGS_H

#include "shared/buf.h"

#include <stdint.h>

/* Adds a number to a list. *last is the one before it, UINT32_MAX at the beginning of a list. */
void postings_add(struct buf *out, uint32_t *last, uint32_t number);

/* Reads a list; out has room for as many numbers as it has characters. Returns how many. What no
 * postings_add() has written ends it. */
size_t postings_read(const char *list, uint32_t *out);

/* Keeps those of n ascending numbers that are in the list, too; returns how many. */
size_t postings_meet(const char *list, uint32_t *numbers, size_t n);

#endif
