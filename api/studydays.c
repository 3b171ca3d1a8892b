/* SPDX-License-Identifier: MIT */
#include "studydays.h"

#include "zone.h"

#include <string.h>

#define WEEK_DAYS 7
#define DAY_MS    ((int64_t)24 * 3600 * 1000)

/* The date so many days later, its weekday as well. */
static struct tm
date_after(const struct tm *date, int days)
{
	struct tm tm = {
	    .tm_year = date->tm_year, .tm_mon = date->tm_mon, .tm_mday = date->tm_mday + days};

	(void)timegm(&tm); /* brings the fields into their ranges */
	return tm;
}

static int64_t
begin_of(const struct tm *date, int days, int day_start)
{
	struct tm tm = date_after(date, days);

	tm.tm_hour = day_start;
	return zone_wall(&tm, 0);
}

/* The same for the day behind one that begins so: most have 24 hours, and to look is a hundred
 * times cheaper than to search. */
static int64_t
next_begin(const struct tm *date, int days, int day_start, int64_t before)
{
	const struct tm wanted = date_after(date, days);
	int64_t guess = before + DAY_MS;
	struct tm tm;

	zone_local(guess, &tm);
	if (tm.tm_mday == wanted.tm_mday && tm.tm_hour == day_start && tm.tm_min == 0 &&
	    tm.tm_sec == 0)
		return guess;
	guess = begin_of(date, days, day_start);
	return guess < before ? before : guess; /* a date that a zone left out has no length */
}

void
studydays_date(int64_t wall, int day_start, struct tm *date)
{
	struct tm local;

	zone_local(wall, &local);
	*date = date_after(&local, 0);
	if (wall < begin_of(date, 0, day_start))
		*date = date_after(date, -1);
	else if (wall >= begin_of(date, 1, day_start)) /* begins in the hour that comes twice */
		*date = date_after(date, 1);
}

void
studydays_fill(struct studydays *d, const struct tm *first, unsigned n, int day_start)
{
	d->n = n;
	d->first = date_after(first, 0);
	d->begins[0] = begin_of(first, 0, day_start);
	for (unsigned i = 1; i <= n; i++)
		d->begins[i] = next_begin(first, (int)i, day_start, d->begins[i - 1]);
}

unsigned
studydays_week(const struct tm *date, bool sunday, struct tm *first)
{
	struct tm day = date_after(date, 0);

	*first = date_after(date, -((day.tm_wday + (sunday ? 0 : WEEK_DAYS - 1)) % WEEK_DAYS));
	return WEEK_DAYS;
}

unsigned
studydays_month(const struct tm *date, struct tm *first)
{
	struct tm last = *date;

	*first = date_after(date, 1 - date->tm_mday);
	last.tm_mon++;
	last.tm_mday = 0;
	(void)timegm(&last);
	return (unsigned)last.tm_mday;
}

/* The last day that begins at or before a time; 0 if none does. */
static unsigned
last_begun(const struct studydays *d, int64_t wall)
{
	unsigned low = 0, high = d->n;

	while (low < high) {
		unsigned middle = (low + high + 1) / 2;

		if (d->begins[middle] <= wall)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void
studydays_add(const struct studydays *d, int64_t from, int64_t to, int64_t *sums)
{
	for (unsigned i = last_begun(d, from); i < d->n && d->begins[i] < to; i++) {
		int64_t begin = d->begins[i] > from ? d->begins[i] : from;
		int64_t end = d->begins[i + 1] < to ? d->begins[i + 1] : to;

		if (end > begin)
			sums[i] += end - begin;
	}
}

void
studydays_text(const struct studydays *d, unsigned i, char out[STUDYDAYS_TEXT_SIZE])
{
	struct tm day = date_after(&d->first, (int)i);

	if (strftime(out, STUDYDAYS_TEXT_SIZE, "%Y-%m-%d", &day) == 0)
		out[0] = '\0';
}
