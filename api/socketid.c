/* SPDX-License-Identifier: MIT */
#include "socketid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

bool
socketid_ok(const char *text)
{
	size_t a = strspn(text, DIGITS), b;

	if (a == 0 || text[a] != '.')
		return false;
	b = strspn(text + a + 1, DIGITS);
	return b > 0 && text[a + 1 + b] == '\0' && a + b < 40;
}

uint64_t
socketid_number(const char *text)
{
	unsigned long long first, second;
	char *end;

	if (!socketid_ok(text))
		return 0;
	errno = 0;
	first = strtoull(text, &end, 10);
	second = strtoull(end + 1, NULL, 10);
	if (errno != 0 || first > UINT32_MAX || second > UINT32_MAX)
		return 0;
	return (uint64_t)first << 32 | second;
}
