/* SPDX-License-Identifier: MIT */
/* Reading columns of a row that the database gave (db.h): "" or 0 where there is no such value. */
#ifndef MARU_ROW_H
#define MARU_ROW_H

#include <jansson.h>
#include <stdint.h>

static inline const char *
row_text(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text == NULL ? "" : text;
}

static inline uint64_t
row_id(const json_t *row, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(row, name));
}

#endif
