/* SPDX-License-Identifier: MIT */
/* /v1/study-stats: how long one has studied on each day of a day, week or month, and for how many
 * days in a row.
 */
#include "desks.h"
#include "route.h"
#include "study.h"

#define STREAK_DAYS (STUDYDAYS_MAX - 1) /* that are looked at before today */
#define MINUTE_MS   60000

/* Each day of the period, and their sum. */
static enum err
add_days(struct req *r, const struct studydays *d, json_t *answer)
{
	json_t *days = json_array();
	struct study_sums sums;
	int64_t studied = 0;

	(void)json_object_set_new(answer, "days", days);
	TRY(study_sum(r, r->user, d, true, &sums));
	for (unsigned i = 0; i < d->n; i++) {
		(void)json_array_append(days, study_day(r, d, i, &sums));
		studied += sums.studied[i];
	}
	(void)json_object_set_new(answer, "studied", json_integer((json_int_t)studied));
	(void)json_object_set(answer, "from", json_object_get(json_array_get(days, 0), "date"));
	(void)json_object_set(
	    answer, "to", json_object_get(json_array_get(days, d->n - 1), "date"));
	return OK;
}

/* Today counts when its goal is reached, and breaks nothing before. */
static int
streak_of(const struct study_sums *sums, const struct study_rule *rule)
{
	int64_t least = rule->goal > 0 ? rule->goal * MINUTE_MS : 1;
	int days = sums->studied[STREAK_DAYS] >= least;

	for (int i = STREAK_DAYS - 1; i >= 0 && sums->studied[i] >= least; i--)
		days++;
	return days;
}

static enum err
add_today(struct req *r, const struct study_rule *rule, json_t *answer)
{
	struct studydays year, today;
	struct study_sums sums;
	struct tm first;

	study_today(rule, &today);
	first = today.first;
	first.tm_mday -= STREAK_DAYS;
	studydays_fill(&year, &first, STREAK_DAYS + 1, rule->day_start);
	TRY(study_sum(r, r->user, &year, true, &sums));
	(void)json_object_set(answer, "today", study_day(r, &year, STREAK_DAYS, &sums));
	(void)json_object_set_new(answer, "streak", json_integer(streak_of(&sums, rule)));
	return OK;
}

enum err
studystats_get(struct req *r)
{
	struct study_rule rule;
	struct studydays days;
	const char *period;
	json_t *desk, *answer;

	TRY(study_rule(r, r->user, &rule));
	TRY(study_read_period(r, &rule, &days, &period));
	answer = req_own(r, json_pack("{s:s, s:i, s:s, s:I, s:s}", "time_zone", rule.zone,
				"day_start", rule.day_start, "week_start", rule.week_start, "goal",
				(json_int_t)rule.goal, "period", period));
	TRY(add_days(r, &days, answer));
	TRY(add_today(r, &rule, answer));
	TRY(desks_find(r, r->user, &desk));
	if (desk != NULL)
		(void)json_object_set(answer, "desk", desk);
	return req_reply(r, 200, json_incref(answer));
}
