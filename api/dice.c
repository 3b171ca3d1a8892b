/* SPDX-License-Identifier: MIT */
#include "dice.h"

#include <string.h>

#define DIGITS_MAX 4

/* Reads a number of at most so many digits, 0 if there is none; goes behind it. */
static unsigned
read_number(const char **s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < DIGITS_MAX && **s >= '0' && **s <= '9'; i++)
		n = n * 10 + (unsigned)(*(*s)++ - '0');
	return n;
}

bool
dice_read(const char *text, struct dice *out)
{
	*out = (struct dice){1, 6};
	if (*text == '\0')
		return true;
	if (*text != 'd')
		out->count = read_number(&text);
	if (*text++ != 'd')
		return false;
	out->sides = read_number(&text);
	return *text == '\0' && out->count >= 1 && out->count <= DICE_MAX && out->sides >= 2 &&
	       out->sides <= DICE_SIDES_MAX;
}
