/* SPDX-License-Identifier: MIT */
#include "field.h"

#include <inttypes.h>
#include <string.h>

/* Code points of valid UTF-8: every byte that does not continue one. */
static int64_t
count_characters(const char *s)
{
	int64_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* The next code point of valid UTF-8. */
static uint32_t
next_character(const char **s)
{
	unsigned char c = (unsigned char)*(*s)++;
	uint32_t code = c < 0x80 ? c : c < 0xe0 ? c & 0x1fU : c < 0xf0 ? c & 0x0fU : c & 0x07U;

	for (; ((unsigned char)**s & 0xc0) == 0x80; (*s)++)
		code = code << 6 | ((unsigned char)**s & 0x3fU);
	return code;
}

/* Blanks of all kinds, joiners, fillers and variation selectors: nobody sees them by themselves. */
static bool
is_invisible(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0x20, 0x20}, {0xa0, 0xa0}, {0xad, 0xad}, {0x34f, 0x34f}, {0x115f, 0x1160},
	    {0x1680, 0x1680}, {0x180b, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f},
	    {0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},
	    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

/* A line that people can see: something visible in it, and no control characters. */
static bool
is_line(const char *s)
{
	bool visible = false;

	while (*s != '\0') {
		uint32_t c = next_character(&s);

		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			return false;
		visible = visible || !is_invisible(c);
	}
	return visible;
}

static bool
is_word(const char *words, const char *s)
{
	size_t n = strlen(s);

	for (const char *w = words; n > 0; w++) {
		size_t len = strcspn(w, "|");

		if (len == n && memcmp(w, s, n) == 0)
			return true;
		w += len;
		if (*w == '\0')
			break;
	}
	return false;
}

/* What is wrong with a text, or NULL. */
static const char *
check_text(const struct field *f, const char *s, struct arena *mem)
{
	bool bytes = (f->flags & FIELD_BYTES) != 0;
	int64_t n = bytes ? (int64_t)strlen(s) : count_characters(s);

	if (n < f->min || n > f->max)
		return arena_printf(mem, "must have %" PRId64 " to %" PRId64 " %s", f->min, f->max,
		    bytes ? "bytes" : "characters");
	if (f->allow != NULL && s[strspn(s, f->allow)] != '\0')
		return arena_printf(mem, "may contain only these characters: %s", f->allow);
	if ((f->flags & FIELD_LINE) != 0 && n > 0 && !is_line(s))
		return "must be one line of visible text";
	return NULL;
}

/* Stores one value; what is wrong with it, or NULL. */
static const char *
read_value(const struct field *f, json_t *value, char *in, struct arena *mem)
{
	const char *text = json_string_value(value), *problem;
	json_int_t number = json_integer_value(value);

	if (f->type == FIELD_TYPE_INT) {
		if (!json_is_integer(value))
			return "must be a whole number";
		if (number < f->min || number > f->max)
			return arena_printf(
			    mem, "must be from %" PRId64 " to %" PRId64, f->min, f->max);
		memcpy(in + f->offset, &(int64_t){number}, sizeof(int64_t));
		return NULL;
	}
	if (text == NULL)
		return "must be a string";
	if (f->type == FIELD_TYPE_WORD && !is_word(f->allow, text))
		return arena_printf(mem, "must be one of %s", f->allow);
	if (f->type == FIELD_TYPE_TEXT && (problem = check_text(f, text, mem)) != NULL)
		return problem;
	memcpy(in + f->offset, &text, sizeof(text));
	return NULL;
}

static void
report(json_t *problems, const char *name, const char *message)
{
	(void)json_array_append_new(
	    problems, json_pack("{s:s, s:s}", "field", name, "message", message));
}

static bool
is_known(const struct field *fields, const char *name)
{
	for (; fields->name != NULL; fields++) {
		if (strcmp(fields->name, name) == 0)
			return true;
	}
	return false;
}

static void
set_absent(const struct field *f, char *member)
{
	const int64_t no_number = FIELD_ABSENT;
	const char *no_text = NULL;

	if (f->type == FIELD_TYPE_INT)
		memcpy(member, &no_number, sizeof(no_number));
	else
		memcpy(member, &no_text, sizeof(no_text));
}

bool
field_read(
    const struct field *fields, json_t *object, void *in, struct arena *mem, json_t *problems)
{
	size_t before = json_array_size(problems);
	const char *name, *problem;
	json_t *value;

	json_object_foreach (object, name, value) {
		if (!is_known(fields, name))
			report(problems, name, "is not a field of this request");
	}
	for (; fields->name != NULL; fields++) {
		set_absent(fields, (char *)in + fields->offset);
		value = json_object_get(object, fields->name);
		if (value == NULL) {
			if ((fields->flags & FIELD_REQUIRED) != 0)
				report(problems, fields->name, "is required");
		} else if ((problem = read_value(fields, value, in, mem)) != NULL) {
			report(problems, fields->name, problem);
		}
	}
	return json_array_size(problems) == before;
}
