/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 12

/* A value in one line; the caller frees it. */
static char *
text_of(const json_t *value)
{
	if (value == NULL || json_is_null(value))
		return strdup("");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* Whether U+0080 to U+009F begins here, which some terminals obey like ESC. */
static bool
is_c1(const char *text)
{
	return (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] >= 0x80 &&
	       (unsigned char)text[1] < 0xa0;
}

/* Whatever is in a database may be on its way to a terminal: control characters are not. */
void
print_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		bool control = (unsigned char)*text < 0x20 || *text == 0x7f || is_c1(text);

		(void)fputc(control ? ' ' : *text, out);
		text += is_c1(text);
	}
}

static void
put_value(const json_t *value)
{
	char *text = text_of(value);

	print_text(stdout, text == NULL ? "" : text);
	free(text);
}

/* The names of the columns: those of all rows, lists and objects left out. */
static size_t
columns_of(const json_t *rows, const char *names[COLUMNS])
{
	size_t n = 0, i, k;
	const char *name;
	json_t *row, *value;

	json_array_foreach (rows, i, row) {
		json_object_foreach (row, name, value) {
			for (k = 0; k < n && strcmp(names[k], name) != 0; k++)
				;
			if (k == n && n < COLUMNS && !json_is_array(value) &&
			    !json_is_object(value))
				names[n++] = name;
		}
	}
	return n;
}

static void
print_rows(const json_t *rows)
{
	const char *names[COLUMNS];
	size_t n = columns_of(rows, names), i;
	const json_t *row;

	for (size_t k = 0; k < n; k++)
		(void)printf("%s%s", k == 0 ? "" : "\t", names[k]);
	if (n > 0)
		(void)putchar('\n');
	json_array_foreach (rows, i, row) {
		for (size_t k = 0; k < n; k++) {
			if (k > 0)
				(void)putchar('\t');
			put_value(json_object_get(row, names[k]));
		}
		(void)putchar('\n');
	}
}

void
print_answer(const json_t *answer)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)answer, name, value) {
		if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
			print_rows(value);
		else if (strcmp(name, "next") == 0 && !json_is_null(value)) {
			(void)printf("more with cursor=");
			put_value(value);
			(void)putchar('\n');
		} else if (strcmp(name, "next") != 0 &&
			   !(json_is_array(value) && json_object_get(answer, "next") != NULL)) {
			(void)printf("%s: ", name);
			put_value(value);
			(void)putchar('\n');
		}
	}
}
