/* SPDX-License-Identifier: MIT */
/* See when.h. */
#include "when.h"

#include "zone.h"

#include <string.h>

#define DIGITS_MAX 4

static const struct {
	const char *name;
	int64_t seconds;
} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}, {"초", 1}, {"분", 60},
    {"시간", 3600}, {"일", 86400}, {"주", 604800}};

/* Reads min to max digits; how many characters, 0 if there are not as many. */
static size_t
read_number(const char *s, size_t min, size_t max, int *out)
{
	size_t n = strspn(s, "0123456789");

	*out = 0;
	if (n < min || n > max)
		return 0;
	for (size_t i = 0; i < n; i++)
		*out = *out * 10 + (s[i] - '0');
	return n;
}

/* Numbers with units, without blanks; how many characters, 0 if it is something else. */
static size_t
read_span(const char *s, int64_t *seconds)
{
	size_t at = 0, n, u;
	int number;

	*seconds = 0;
	while ((n = read_number(s + at, 1, DIGITS_MAX, &number)) > 0) {
		at += n;
		for (u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
			n = strlen(units[u].name);
			if (strncmp(s + at, units[u].name, n) == 0)
				break;
		}
		if (u == sizeof(units) / sizeof(units[0]))
			return 0;
		at += n;
		*seconds += number * units[u].seconds;
	}
	return at;
}

/* A day that there is. */
static size_t
read_date(const char *s, struct tm *tm)
{
	struct tm same;

	if (read_number(s, 4, 4, &tm->tm_year) == 0 || s[4] != '-' ||
	    read_number(s + 5, 2, 2, &tm->tm_mon) == 0 || s[7] != '-' ||
	    read_number(s + 8, 2, 2, &tm->tm_mday) == 0)
		return 0;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	same = *tm;
	(void)timegm(&same);
	return same.tm_mday == tm->tm_mday && same.tm_mon == tm->tm_mon ? 10 : 0;
}

static size_t
read_clock(const char *s, struct tm *tm)
{
	size_t n = read_number(s, 1, 2, &tm->tm_hour);

	if (n == 0 || s[n] != ':' || read_number(s + n + 1, 2, 2, &tm->tm_min) == 0)
		return 0;
	return tm->tm_hour < 24 && tm->tm_min < 60 ? n + 3 : 0;
}

/* A time of the day, behind a date or else of today or tomorrow. */
static size_t
read_point(const char *s, int64_t now, int64_t *due)
{
	struct tm tm = {0}, today;
	size_t date = read_date(s, &tm), at = date, n;

	if (date > 0)
		at += strspn(s + at, " T");
	else
		zone_local(now, &today);
	if ((date > 0 && at == date) || (n = read_clock(s + at, &tm)) == 0)
		return 0;
	if (date == 0) {
		tm.tm_year = today.tm_year;
		tm.tm_mon = today.tm_mon;
		tm.tm_mday = today.tm_mday;
	}
	*due = zone_wall(&tm, now);
	if (date == 0 && *due <= now) {
		tm.tm_mday++;
		*due = zone_wall(&tm, now);
	}
	return at + n;
}

bool
when_read(const char *text, int64_t now, int64_t *due, const char **rest)
{
	int64_t seconds;
	size_t n = read_span(text, &seconds);

	if (n > 0)
		*due = now + seconds * 1000;
	else if ((n = read_point(text, now, due)) == 0)
		return false;
	*rest = text + n + strspn(text + n, " ");
	return text[n] == ' ' || text[n] == '\0';
}
