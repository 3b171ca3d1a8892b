/* SPDX-License-Identifier: MIT */
/* Answers of the API for people. */
#ifndef MARU_PRINT_H
#define MARU_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Writes a list as a table, anything else as lines "name: value"; with next a line that says how to
 * go on. */
void print_answer(const json_t *answer);

/* Writes text without its control characters. */
void print_text(FILE *out, const char *text);

#endif
