/* SPDX-License-Identifier: MIT */
#include "importfile.h"

#include "shared/clock.h"

#define FIRST 946684800000 /* the year 2000 */

void
import_open(struct import_file *f, struct arena *mem)
{
	*f = (struct import_file){.mem = mem};
	buf_init(&f->body, (size_t)4 * IMPORT_LENGTH_MAX);
}

void
import_close(struct import_file *f)
{
	buf_finish(&f->body);
}

enum err
import_fail(struct import_file *f, const char *why)
{
	f->why = why;
	return ERR_INVALID;
}

size_t
import_length(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

bool
import_is_time(int64_t wall)
{
	return wall >= FIRST && wall <= clock_wall();
}
