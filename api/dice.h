/* SPDX-License-Identifier: MIT */
/* Dice: "2d6" is two with six sides. */
#ifndef MARU_DICE_H
#define MARU_DICE_H

#include <stdbool.h>

#define DICE_MAX       20
#define DICE_SIDES_MAX 1000

struct dice {
	unsigned count, sides;
};

/* Reads "2d6", "d20", or "" for one with six sides. False if it is something else, or more than the
 * above. */
bool dice_read(const char *text, struct dice *out);

#endif
