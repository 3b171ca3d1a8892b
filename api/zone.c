/* SPDX-License-Identifier: MIT */
/* The C library reads the system's time zones, the very files that settings.c asks for a name. */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_BYTES 80
#define MONTH_AT       (sizeof("2026-") - 1)
#define DAY_AT         (sizeof("2026-12-") - 1)

void
zone_use(const char *name)
{
	char tz[NAME_MAX_BYTES];

	/* With the colon it is a file's name, and nothing else. */
	(void)snprintf(tz, sizeof(tz), ":%s", name);
	(void)setenv("TZ", tz, 1);
	tzset();
}

void
zone_local(int64_t wall, struct tm *out)
{
	time_t seconds = (time_t)(wall / 1000);

	(void)localtime_r(&seconds, out);
}

void
zone_day(const char *text, struct tm *out)
{
	*out = (struct tm){.tm_year = (int)strtol(text, NULL, 10) - 1900,
	    .tm_mon = (int)strtol(text + MONTH_AT, NULL, 10) - 1,
	    .tm_mday = (int)strtol(text + DAY_AT, NULL, 10)};
}

/* What a local time is if summer time is taken to be on, or off; -1: then it is another one. */
static int64_t
attempt(const struct tm *local, int summer)
{
	struct tm tm = *local, wanted = *local;
	time_t seconds;

	wanted.tm_isdst = 0;
	(void)timegm(&wanted); /* brings the fields into their ranges */
	tm.tm_isdst = summer;
	seconds = mktime(&tm);
	if (tm.tm_hour != wanted.tm_hour || tm.tm_min != wanted.tm_min ||
	    tm.tm_mday != wanted.tm_mday)
		return -1;
	return (int64_t)seconds * 1000;
}

int64_t
zone_wall(const struct tm *local, int64_t since)
{
	int64_t summer = attempt(local, 1), winter = attempt(local, 0);
	struct tm tm = *local;

	if (summer >= 0 && winter >= 0)
		return summer >= since || winter < since ? summer : winter;
	if (summer >= 0 || winter >= 0)
		return summer >= 0 ? summer : winter;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}
