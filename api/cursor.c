/* SPDX-License-Identifier: MIT */
#include "cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
cursor_find(struct arena *mem, const char *text, const char *channel, struct cursor *c)
{
	size_t n = strlen(channel);
	char *end;

	for (; *text != '\0'; text += strcspn(text, ",")) {
		text += *text == ',';
		if (strncmp(text, channel, n) != 0 || text[n] != ':' || text[n + 1] < '0' ||
		    text[n + 1] > '9')
			continue;
		errno = 0;
		c->seq = strtoull(text + n + 1, &end, 10);
		c->mid = *end == ':' ? arena_strndup(mem, end + 1, strcspn(end + 1, ",")) : NULL;
		return errno == 0;
	}
	return false;
}
