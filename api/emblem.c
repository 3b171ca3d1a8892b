/* SPDX-License-Identifier: MIT */
/* See emblem.h. */
#include "emblem.h"

#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const char prefix[] = "file-";

static bool
read_file(const char *text, uint64_t *file)
{
	const char *digits = text + sizeof(prefix) - 1;
	char *end;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0 || *digits < '1' || *digits > '9')
		return false;
	errno = 0;
	*file = strtoull(digits, &end, 10);
	return errno == 0 && *end == '\0';
}

enum err
emblem_check(struct req *r, const char *field, const char *text, const char *as, uint64_t of)
{
	const long presets = strcmp(as, "avatar") == 0 ? EMBLEM_AVATARS : EMBLEM_COVERS;
	uint64_t file;
	json_t *row;

	if (field_is_preset(text, presets))
		return OK;
	if (!read_file(text, &file))
		return req_invalid(r, field,
		    arena_printf(
			&r->mem, "must be preset-1 to preset-%ld, file-<id>, or empty", presets));
	TRY(files_own(r, field, file, "image", &row));
	if (*row_text(row, "used_as") == '\0' ||
	    (strcmp(row_text(row, "used_as"), as) == 0 && row_id(row, "used_by") == of))
		return OK;
	return req_invalid(r, field, "stands for something else already; upload it once more");
}

const char *
emblem_text(struct req *r, uint64_t file)
{
	return arena_printf(&r->mem, "%s%" PRIu64, prefix, file);
}
