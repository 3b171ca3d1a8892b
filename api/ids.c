/* SPDX-License-Identifier: MIT */
#include "ids.h"

#include "query.h"

#include <stdlib.h>

#define IDS_MAX 100

/* "5,7,9" as a JSON array; NULL if it is anything else. */
static json_t *
parse(struct req *r, const char *text)
{
	json_t *ids = req_own(r, json_array());
	char *end;

	while (text != NULL && *text >= '1' && *text <= '9') {
		uint64_t id = strtoull(text, &end, 10);

		if (id > INT64_MAX || (*end != ',' && *end != '\0'))
			return NULL;
		(void)json_array_append_new(ids, json_integer((json_int_t)id));
		text = end + (*end == ',');
	}
	return text == NULL || *text != '\0' || json_array_size(ids) > IDS_MAX ? NULL : ids;
}

enum err
ids_read(struct req *r, const char *name, json_t **ids, const char **text)
{
	*ids = parse(r, query_value(&r->mem, str_of(r->query), name));
	if (*ids == NULL || json_array_size(*ids) == 0)
		return req_invalid(r, name, "must be ids separated by commas, at most 100");
	return req_dump(r, *ids, text);
}

const json_t *
ids_find(const json_t *rows, const json_t *id)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (json_equal(json_object_get(row, "id"), id))
			return row;
	}
	return NULL;
}
