/* SPDX-License-Identifier: MIT */
/* See attachments.h. */
#include "attachments.h"

#include "files.h"
#include "sql.h"

#include <inttypes.h>

static bool
is_twice(const json_t *ids, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (json_equal(json_array_get(ids, i), json_array_get(ids, at)) != 0)
			return true;
	}
	return false;
}

static enum err
check_room(struct req *r, uint64_t room, uint64_t bytes)
{
	json_t *row;

	if (r->conf->files_room_max == 0)
		return OK;
	TRY(sql_attachments_sum(r, room, &row));
	if (row_id(row, "bytes") + bytes <= (uint64_t)r->conf->files_room_max)
		return OK;
	return req_fail(r, ERR_TOO_LARGE, "all files in a room may have at most %" PRId64 " bytes",
	    r->conf->files_room_max);
}

enum err
attachments_read(
    struct req *r, uint64_t room, const json_t *ids, const char **content, const char **files)
{
	json_t *list = req_own(r, json_array()), *id, *row;
	uint64_t bytes = 0;
	size_t i;

	*content = *files = NULL;
	if (json_array_size(ids) == 0)
		return OK;
	json_array_foreach (ids, i, id) {
		if (is_twice(ids, i))
			return req_invalid(r, "attachments", "has a file twice");
		TRY(files_own(r, "attachments", (uint64_t)json_integer_value(id), NULL, &row));
		(void)json_array_append_new(list, files_shown(row));
		bytes += row_id(row, "bytes");
	}
	TRY(check_room(r, room, bytes));
	TRY(req_dump(r, ids, files));
	return req_dump(r, req_own(r, json_pack("{s:O}", "attachments", list)), content);
}

enum err
attachments_of(struct req *r, const json_t *content, const char **files)
{
	const json_t *list = json_object_get(content, "attachments"), *one;
	json_t *ids = req_own(r, json_array());

	*files = NULL;
	for (size_t i = 0; (one = json_array_get(list, i)) != NULL; i++)
		(void)json_array_append(ids, json_object_get(one, "id"));
	return json_array_size(ids) == 0 ? OK : req_dump(r, ids, files);
}
