/* SPDX-License-Identifier: MIT */
/* What desks, sessions, statistics and rankings of study have in common: whose days they are, and
 * how much lies in each. */
#ifndef MARU_STUDY_H
#define MARU_STUDY_H

#include "req.h"
#include "studydays.h"

/* How somebody counts days; and from here on the zone of the process is theirs. */
struct study_rule {
	const char *zone, *week_start;
	int day_start;
	int64_t goal; /* minutes a day; 0: none */
};

enum err study_rule(struct req *r, uint64_t user, struct study_rule *rule);

/* Today, by that rule. */
void study_today(const struct study_rule *rule, struct studydays *d);

/* The day of ?date=, today if it is missing; the same by ?period=, whose word is *period. */
enum err study_read_day(struct req *r, const struct study_rule *rule, struct studydays *d);
enum err study_read_period(
    struct req *r, const struct study_rule *rule, struct studydays *d, const char **period);

/* How much is studied on each day, and how much of that is not as it was measured, in milliseconds.
 * What runs is in it up to the last time that it was seen, but for `running` false. */
struct study_sums {
	int64_t studied[STUDYDAYS_MAX], corrected[STUDYDAYS_MAX];
};
enum err study_sum(
    struct req *r, uint64_t user, const struct studydays *d, bool running, struct study_sums *out);

/* {date, studied, corrected} of a day; the request's. */
json_t *study_day(
    struct req *r, const struct studydays *d, unsigned i, const struct study_sums *sums);

#endif
