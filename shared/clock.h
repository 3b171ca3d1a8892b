/* SPDX-License-Identifier: MIT */
/* The two clocks, in milliseconds. Wall time is data for people; timers and limits use the other.
 */
#ifndef MARU_CLOCK_H
#define MARU_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall(void); /* since 1970 UTC; may jump */
int64_t clock_mono(void); /* since some start; never goes back */
int64_t clock_fine(void); /* the same in microseconds */

/* "2026-11-20T18:26:05.123Z" is 24 characters. */
#define CLOCK_TEXT_SIZE 25

/* Writes a wall time as RFC 3339 UTC with milliseconds. */
void clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE]);

/* Reads what clock_text() writes; false if it is anything else, or no time that there is. */
bool clock_read(const char *text, int64_t *wall);

#endif
