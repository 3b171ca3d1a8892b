/* SPDX-License-Identifier: MIT */
#include "strictjson.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether brackets nest deeper than allowed. Looked at before parsing, because the library goes
 * down 2048 levels by recursion. */
static bool
too_deep(struct str s)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > STRICTJSON_DEPTH)
			return true;
	}
	return false;
}

json_t *
strictjson_parse(struct str text, const char **why)
{
	static char message[JSON_ERROR_TEXT_LENGTH + 64];
	json_error_t error;
	json_t *json;

	if (too_deep(text)) {
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
