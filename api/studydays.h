/* SPDX-License-Identifier: MIT */
/* Days as people count what they have studied: they begin at an hour of one's own choice, in the
 * zone of zone_use(), and are as long as the clocks there make them (23 hours when summer time
 * begins). All times are wall times in milliseconds. */
#ifndef MARU_STUDYDAYS_H
#define MARU_STUDYDAYS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define STUDYDAYS_MAX       367
#define STUDYDAYS_TEXT_SIZE sizeof("2026-12-31")

struct studydays {
	unsigned n;
	struct tm first;                   /* the date of the first, at 00:00 */
	int64_t begins[STUDYDAYS_MAX + 1]; /* of each, and of the day behind the last */
};

/* The date, at 00:00, of the day that a time belongs to. */
void studydays_date(int64_t wall, int day_start, struct tm *date);

/* n days from a date on. */
void studydays_fill(struct studydays *d, const struct tm *first, unsigned n, int day_start);

/* The week, beginning on a Sunday or Monday, or the month around a date: its first one, and how
 * many days it has. */
unsigned studydays_week(const struct tm *date, bool sunday, struct tm *first);
unsigned studydays_month(const struct tm *date, struct tm *first);

/* Adds to sums[i] how much of from..to lies in each day i. */
void studydays_add(const struct studydays *d, int64_t from, int64_t to, int64_t *sums);

/* The date of day i, as 2026-12-31. */
void studydays_text(const struct studydays *d, unsigned i, char out[STUDYDAYS_TEXT_SIZE]);

#endif
