/* SPDX-License-Identifier: MIT */
/* Times as people type them: "10m", "1h30m", "2시간", "09:00", "2026-12-01 09:00". */
#ifndef MARU_WHEN_H
#define MARU_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the time that a text begins with, in the zone of zone_use(): *due, in milliseconds since
 * 1970, is after now unless the text has a date; *rest is what follows the blanks behind it. False
 * if there is no such time. */
bool when_read(const char *text, int64_t now, int64_t *due, const char **rest);

#endif
