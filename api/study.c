/* SPDX-License-Identifier: MIT */
#include "study.h"

#include "query.h"
#include "shared/clock.h"
#include "sql.h"
#include "zone.h"

enum err
study_rule(struct req *r, uint64_t user, struct study_rule *rule)
{
	json_t *row;

	TRY(sql_settings_get(r, user, &row));
	rule->zone = row_text(row, "time_zone");
	rule->week_start = row_text(row, "week_start");
	rule->day_start = (int)row_id(row, "day_start");
	rule->goal = (int64_t)row_id(row, "study_goal");
	zone_use(rule->zone);
	return OK;
}

void
study_today(const struct study_rule *rule, struct studydays *d)
{
	struct tm date;

	studydays_date(clock_wall(), rule->day_start, &date);
	studydays_fill(d, &date, 1, rule->day_start);
}

/* Years of four digits are what the answers can be written in. */
static enum err
read_date(struct req *r, const struct study_rule *rule, struct tm *date)
{
	const char *text = query_value(&r->mem, str_of(r->query), "date");

	if (text == NULL) {
		studydays_date(clock_wall(), rule->day_start, date);
		return OK;
	}
	if (!field_is_date(text) || strcmp(text, "1971") < 0 || strcmp(text, "9000") > 0)
		return req_invalid(r, "date", "must be a day, such as 2026-11-29");
	zone_day(text, date);
	return OK;
}

enum err
study_read_day(struct req *r, const struct study_rule *rule, struct studydays *d)
{
	struct tm date;

	TRY(read_date(r, rule, &date));
	studydays_fill(d, &date, 1, rule->day_start);
	return OK;
}

enum err
study_read_period(
    struct req *r, const struct study_rule *rule, struct studydays *d, const char **period)
{
	struct tm date, first;
	unsigned n = 1;

	*period = query_value(&r->mem, str_of(r->query), "period");
	TRY(req_query_word(r, "period", *period, "day|week|month"));
	if (*period == NULL)
		*period = "week";
	TRY(read_date(r, rule, &date));
	first = date;
	if (strcmp(*period, "week") == 0)
		n = studydays_week(&date, strcmp(rule->week_start, "sunday") == 0, &first);
	else if (strcmp(*period, "month") == 0)
		n = studydays_month(&date, &first);
	studydays_fill(d, &first, n, rule->day_start);
	return OK;
}

enum err
study_sum(
    struct req *r, uint64_t user, const struct studydays *d, bool running, struct study_sums *out)
{
	json_t *rows, *row;
	size_t i;

	*out = (struct study_sums){.studied = {0}};
	TRY(sql_study_range(r, user, d->begins[0], d->begins[d->n], running, &rows));
	json_array_foreach (rows, i, row) {
		int64_t from = (int64_t)row_id(row, "from"), to = (int64_t)row_id(row, "to");

		studydays_add(d, from, to, out->studied);
		if (row_id(row, "corrected") != 0)
			studydays_add(d, from, to, out->corrected);
	}
	return OK;
}

json_t *
study_day(struct req *r, const struct studydays *d, unsigned i, const struct study_sums *sums)
{
	char date[STUDYDAYS_TEXT_SIZE];

	studydays_text(d, i, date);
	return req_own(
	    r, json_pack("{s:s, s:I, s:I}", "date", date, "studied", (json_int_t)sums->studied[i],
		   "corrected", (json_int_t)sums->corrected[i]));
}
