/* SPDX-License-Identifier: MIT */
#include "studydays.h"

#include "zone.h"

#include <string.h>

#define WEEK_DAYS 7

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
	for (unsigned i = 0; i <= n; i++) {
		int64_t begin = begin_of(first, (int)i, day_start);

		/* A date that a zone left out has no length. */
		d->begins[i] = i > 0 && begin < d->begins[i - 1] ? d->begins[i - 1] : begin;
	}
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

void
studydays_add(const struct studydays *d, int64_t from, int64_t to, int64_t *sums)
{
	for (unsigned i = 0; i < d->n; i++) {
		int64_t begin = d->begins[i] > from ? d->begins[i] : from;
		int64_t end = d->begins[i + 1] < to ? d->begins[i + 1] : to;

		if (end > begin)
			sums[i] += end - begin;
	}
}

unsigned
studydays_find(const struct studydays *d, int64_t wall)
{
	for (unsigned i = 0; i < d->n; i++) {
		if (wall >= d->begins[i] && wall < d->begins[i + 1])
			return i;
	}
	return d->n;
}

void
studydays_text(const struct studydays *d, unsigned i, char out[STUDYDAYS_TEXT_SIZE])
{
	struct tm day = date_after(&d->first, (int)i);

	if (strftime(out, STUDYDAYS_TEXT_SIZE, "%Y-%m-%d", &day) == 0)
		out[0] = '\0';
}
