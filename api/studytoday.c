/* SPDX-License-Identifier: MIT */
/* /v1/study-today: where one sits, and how long one has studied today. Every start of a client asks
 * for it, so it reads no more than a day; what takes a year to count is in /v1/study-stats.
 */
#include "desks.h"
#include "route.h"
#include "study.h"

enum err
studytoday_get(struct req *r)
{
	struct study_rule rule;
	struct study_sums sums;
	struct studydays today;
	json_t *desk, *answer;

	TRY(study_rule(r, r->user, &rule));
	study_today(&rule, &today);
	TRY(study_sum(r, r->user, &today, true, &sums));
	answer = req_own(r,
	    json_pack("{s:s, s:i, s:I, s:O}", "time_zone", rule.zone, "day_start", rule.day_start,
		"goal", (json_int_t)rule.goal, "today", study_day(r, &today, 0, &sums)));
	TRY(desks_find(r, r->user, &desk));
	if (desk != NULL)
		(void)json_object_set(answer, "desk", desk);
	return req_reply(r, 200, json_incref(answer));
}
