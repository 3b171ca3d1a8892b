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

/* A line that people can see: something besides blanks, and no control characters. */
static bool
is_line(const char *s)
{
	bool visible = false;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f)
			return false;
		visible = visible || c != ' ';
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
