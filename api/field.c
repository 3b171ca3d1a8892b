/* SPDX-License-Identifier: MIT */
#include "field.h"

#include <inttypes.h>
#include <stdlib.h>
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

bool
field_is_word(const char *words, const char *s)
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

bool
field_is_preset(const char *s, long count)
{
	static const char prefix[] = "preset-";
	const char *digits = s + sizeof(prefix) - 1;
	char *end;

	if (s[0] == '\0')
		return true;
	if (strncmp(s, prefix, sizeof(prefix) - 1) != 0 || *digits < '1' || *digits > '9')
		return false;
	return strtol(digits, &end, 10) <= count && *end == '\0';
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

/* A day of the Gregorian calendar as "2026-12-31". */
bool
field_is_date(const char *s)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	static const char form[] = "0000-00-00";
	int year, month, day;
	bool leap;

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	}
	year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
	month = (s[5] - '0') * 10 + (s[6] - '0');
	day = (s[8] - '0') * 10 + (s[9] - '0');
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return year >= 1000 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

/* A moment in UTC, parts of a second or not, as clock_text() writes it; NULL if it is none. */
static const char *
read_time(const char *s, struct arena *mem)
{
	static const char form[] = "T00:00:00", limits[] = "T23:59:59";
	char day[sizeof("0000-00-00")], part[] = "000";
	size_t n = sizeof(day) - 1;

	if (strlen(s) < n + sizeof(form))
		return NULL;
	memcpy(day, s, n);
	day[n] = '\0';
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] == '0' ? s[n + i] < '0' || s[n + i] > '9' : s[n + i] != form[i])
			return NULL;
		if (i % 3 == 1 && strncmp(s + n + i, limits + i, 2) > 0)
			return NULL;
	}
	n += sizeof(form) - 1;
	if (s[n] == '.') {
		size_t digits = strspn(s + n + 1, "0123456789");

		if (digits == 0)
			return NULL;
		memcpy(part, s + n + 1, digits < 3 ? digits : 3);
		n += digits + 1;
	}
	if (!field_is_date(day) || strcmp(s + n, "Z") != 0)
		return NULL;
	return arena_printf(mem, "%.19s.%sZ", s, part);
}

/* Whether a value can be an item of the list. */
static bool
is_item(const struct field *f, const json_t *value)
{
	json_int_t number = json_integer_value(value);

	if (f->type == FIELD_TYPE_IDS)
		return number > 0;
	if (f->type == FIELD_TYPE_PLACES)
		return json_is_integer(value) && number >= 0 && number <= f->max;
	return json_is_string(value);
}

/* What is wrong with a list, or NULL. Texts that only look alike are the caller's to find. */
static const char *
check_list(const struct field *f, const json_t *list, struct arena *mem)
{
	const struct field item = {
	    f->name, FIELD_TYPE_TEXT, 0, 1, f->max, NULL, f->flags & ~FIELD_REQUIRED};
	const bool texts = f->type == FIELD_TYPE_LIST;
	const char *problem, *kind = texts ? "must be a list of strings"
				     : f->type == FIELD_TYPE_IDS
					 ? "must be a list of ids"
					 : "must be a list of numbers that there are";
	const json_t *value;
	size_t i;

	if (!json_is_array(list))
		return kind;
	if (json_array_size(list) > (size_t)f->min)
		return arena_printf(mem, "must be at most %" PRId64, f->min);
	json_array_foreach (list, i, value) {
		if (!is_item(f, value))
			return kind;
		if (texts && (problem = check_text(&item, json_string_value(value), mem)) != NULL)
			return problem;
		for (size_t j = 0; j < i; j++) {
			if (json_equal(json_array_get(list, j), value))
				return "must be different from each other";
		}
	}
	return NULL;
}

/* Stores a number or a truth value; what is wrong with it, or NULL. */
static const char *
read_number(const struct field *f, const json_t *value, char *member, struct arena *mem)
{
	int64_t number = json_is_true(value) ? 1 : json_integer_value(value);

	if (f->type == FIELD_TYPE_BOOL && !json_is_boolean(value))
		return "must be true or false";
	if (f->type == FIELD_TYPE_INT && !json_is_integer(value))
		return "must be a whole number";
	if (number < f->min || number > f->max)
		return arena_printf(mem, "must be from %" PRId64 " to %" PRId64, f->min, f->max);
	memcpy(member, &number, sizeof(number));
	return NULL;
}

/* The same for the texts. */
static const char *
read_text(const struct field *f, const json_t *value, char *member, struct arena *mem)
{
	const char *text = json_string_value(value), *problem;

	if (text == NULL)
		return "must be a string";
	if (f->type == FIELD_TYPE_WORD && !field_is_word(f->allow, text))
		return arena_printf(mem, "must be one of %s", f->allow);
	if (f->type == FIELD_TYPE_DATE && text[0] != '\0' && !field_is_date(text))
		return "must be a day like 2026-12-31";
	if (f->type == FIELD_TYPE_TIME && (text = read_time(text, mem)) == NULL)
		return "must be a time in UTC like 2026-12-31T23:59:59Z";
	if (f->type == FIELD_TYPE_TEXT && (problem = check_text(f, text, mem)) != NULL)
		return problem;
	memcpy(member, &text, sizeof(text));
	return NULL;
}

/* Stores one value; what is wrong with it, or NULL. */
static const char *
read_value(const struct field *f, json_t *value, char *in, struct arena *mem)
{
	const void *list = value;
	const char *problem;

	if (f->type == FIELD_TYPE_INT || f->type == FIELD_TYPE_BOOL)
		return read_number(f, value, in + f->offset, mem);
	if (f->type < FIELD_TYPE_LIST)
		return read_text(f, value, in + f->offset, mem);
	if ((problem = check_list(f, value, mem)) == NULL)
		memcpy(in + f->offset, &list, sizeof(list));
	return problem;
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

	if (f->type == FIELD_TYPE_INT || f->type == FIELD_TYPE_BOOL)
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
