/* SPDX-License-Identifier: MIT */
/* Input is declared, not parsed: a table says which fields a body may have, and field_read fills a
 * struct from it or tells what is wrong with each. Fields that the table lacks are refused. */
#ifndef MARU_FIELD_H
#define MARU_FIELD_H

#include "shared/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TYPE_TEXT,
	FIELD_TYPE_INT,
	FIELD_TYPE_WORD,
	FIELD_TYPE_BOOL,  /* an int64_t: 0, 1 or FIELD_ABSENT */
	FIELD_TYPE_DATE,  /* a text: "2026-12-31", a day that there is, or "" */
	FIELD_TYPE_TIME,  /* a text: "2026-12-31T23:59:59Z", given as clock_text() writes it */
	FIELD_TYPE_LIST,  /* a json_t *, borrowed: an array of different texts */
	FIELD_TYPE_IDS,   /* the same of different positive numbers */
	FIELD_TYPE_PLACES /* the same of different numbers from 0 to max */
};

/* A number or truth value that was not given; everything else is NULL then. */
#define FIELD_ABSENT INT64_MIN

enum {
	FIELD_REQUIRED = 1,
	FIELD_LINE = 2, /* one line for people: no control characters, not only blanks */
	FIELD_BYTES = 4 /* min and max count bytes, not characters */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	int64_t min, max;  /* characters (code points) of a text, or the number's range; of a list
			      the most texts, and the most characters of each: it has one or more */
	const char *allow; /* words: "public|secret"; texts: the characters allowed, NULL any */
	int flags;
};

#define TEXT_FIELD(type, member, min, max, flags)                                       \
	{                                                                               \
#member, FIELD_TYPE_TEXT, offsetof(type, member), min, max, NULL, flags \
	}
#define NAME_FIELD(type, member, min, max, allow, flags)                                 \
	{                                                                                \
#member, FIELD_TYPE_TEXT, offsetof(type, member), min, max, allow, flags \
	}
#define INT_FIELD(type, member, min, max, flags)                                       \
	{                                                                              \
#member, FIELD_TYPE_INT, offsetof(type, member), min, max, NULL, flags \
	}
#define WORD_FIELD(type, member, words, flags)                                       \
	{                                                                            \
#member, FIELD_TYPE_WORD, offsetof(type, member), 0, 0, words, flags \
	}
#define BOOL_FIELD(type, member, flags)                                             \
	{                                                                           \
#member, FIELD_TYPE_BOOL, offsetof(type, member), 0, 1, NULL, flags \
	}
#define DATE_FIELD(type, member, flags)                                             \
	{                                                                           \
#member, FIELD_TYPE_DATE, offsetof(type, member), 0, 0, NULL, flags \
	}
#define TIME_FIELD(type, member, flags)                                             \
	{                                                                           \
#member, FIELD_TYPE_TIME, offsetof(type, member), 0, 0, NULL, flags \
	}
#define LIST_FIELD(type, member, items, max, flags)                                       \
	{                                                                                 \
#member, FIELD_TYPE_LIST, offsetof(type, member), items, max, NULL, flags \
	}
#define IDS_FIELD(type, member, items, flags)                                          \
	{                                                                              \
#member, FIELD_TYPE_IDS, offsetof(type, member), items, 0, NULL, flags \
	}
#define PLACES_FIELD(type, member, items, max, flags)                                       \
	{                                                                                   \
#member, FIELD_TYPE_PLACES, offsetof(type, member), items, max, NULL, flags \
	}
#define END_FIELD                                       \
	{                                               \
		NULL, FIELD_TYPE_TEXT, 0, 0, 0, NULL, 0 \
	}

/* Whether a text is one of the words, as in WORD_FIELD: "public|secret". */
bool field_is_word(const char *words, const char *s);

/* Whether a text is a day that there is: "2026-12-31". */
bool field_is_date(const char *s);

/* Whether a text is empty or names one of the pictures that come with the client: preset-1 to
 * preset-<count>. */
bool field_is_preset(const char *s, long count);

/* Fills *in from a JSON object. Texts live as long as the object or mem. False if anything is
 * wrong: {field, message} objects are appended to problems then. */
bool field_read(
    const struct field *fields, json_t *object, void *in, struct arena *mem, json_t *problems);

#endif
