/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_fine(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall / 1000);
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	/* The remainders say to the compiler what is true anyway: each part has its fixed width. */
	(void)snprintf(out, CLOCK_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000U, (unsigned)(tm.tm_mon + 1) % 100U,
	    (unsigned)tm.tm_mday % 100U, (unsigned)tm.tm_hour % 100U, (unsigned)tm.tm_min % 100U,
	    (unsigned)tm.tm_sec % 100U, (unsigned)(wall % 1000) % 1000U);
}

bool
clock_read(const char *text, int64_t *wall)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char again[CLOCK_TEXT_SIZE];
	struct tm tm = {0};

	for (size_t i = 0; i < sizeof(shape); i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (shape[i] == 'd' ? !digit : text[i] != shape[i])
			return false;
	}
	tm.tm_year = (int)strtol(text, NULL, 10) - 1900;
	tm.tm_mon = (int)strtol(text + 5, NULL, 10) - 1;
	tm.tm_mday = (int)strtol(text + 8, NULL, 10);
	tm.tm_hour = (int)strtol(text + 11, NULL, 10);
	tm.tm_min = (int)strtol(text + 14, NULL, 10);
	tm.tm_sec = (int)strtol(text + 17, NULL, 10);
	*wall = (int64_t)timegm(&tm) * 1000 + strtol(text + 20, NULL, 10);
	if (*wall < 0)
		return false;
	clock_text(*wall, again);
	return strcmp(again, text) == 0;
}
