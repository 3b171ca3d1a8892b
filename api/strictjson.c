/* SPDX-License-Identifier: MIT */
#include "strictjson.h"

#include "shared/depth.h"

#include <stdio.h>

json_t *
strictjson_parse(struct str text, const char **why)
{
	static char message[JSON_ERROR_TEXT_LENGTH + 64];
	json_error_t error;
	json_t *json;

	if (!depth_is_fine(text)) {
		*why = "more than 16 levels deep";
		return NULL;
	}
	json = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (json == NULL) {
		(void)snprintf(message, sizeof(message), "line %d, column %d: %s", error.line,
		    error.column, error.text);
		*why = message;
	}
	return json;
}
