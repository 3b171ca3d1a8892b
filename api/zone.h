/* SPDX-License-Identifier: MIT */
/* Wall times as people in a time zone see them. The zone belongs to the process: a worker has one
 * request at a time, and no threads. */
#ifndef MARU_ZONE_H
#define MARU_ZONE_H

#include <stdint.h>
#include <time.h>

/* Takes a zone's name, as settings.c lets it through, for what follows; a name that the system does
 * not know any more is UTC. */
void zone_use(const char *name);

/* The local time of a wall time in milliseconds. */
void zone_local(int64_t wall, struct tm *out);

/* The beginning of a day that field_is_date() takes, such as 2026-12-31, as a local time. */
void zone_day(const char *text, struct tm *out);

/* The wall time of a local one; fields beyond their range count on (the 32nd of a month). An hour
 * that comes twice, when summer time ends, is the first that is not before `since`; one that never
 * comes is moved as far as the clocks are. */
int64_t zone_wall(const struct tm *local, int64_t since);

#endif
