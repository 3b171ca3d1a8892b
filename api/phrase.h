/* SPDX-License-Identifier: MIT */
/* Sentences, dates and times in the languages that Maru writes itself (phrases.def). */
#ifndef MARU_PHRASE_H
#define MARU_PHRASE_H

#include "shared/buf.h"

#include <time.h>

enum lang { LANG_EN, LANG_KO, LANGS };

enum phrase {
#define PHRASE(name, en, ko) PHRASE_##name,
#include "phrases.def"
#undef PHRASE
	PHRASES
};

/* The language that comes closest to a locale (BCP 47). */
enum lang phrase_lang(const char *locale);

/* Adds a phrase, with what it is about (NULL where it has no such place). */
void phrase_add(
    struct buf *out, enum lang lang, enum phrase phrase, const char *first, const char *second);

/* Adds "2026년 11월 29일 일요일", "Sunday, November 29, 2026". */
void phrase_add_day(struct buf *out, enum lang lang, const struct tm *local);

/* Adds "오후 3:05", "3:05 PM". */
void phrase_add_time(struct buf *out, enum lang lang, const struct tm *local);

#endif
