/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/study-ranking: who of its members has studied longest there, on the days of the
 * asker.
 */
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "study.h"

#define PEOPLE_MAX 100

enum err
studyranking_get(struct req *r)
{
	char from[STUDYDAYS_TEXT_SIZE], to[STUDYDAYS_TEXT_SIZE];
	uint64_t room = req_id(r, "room");
	struct study_rule rule;
	struct studydays days;
	const char *period;
	json_t *rows;

	TRY(rooms_require(r, room, &rows));
	TRY(study_rule(r, r->user, &rule));
	TRY(study_read_period(r, &rule, &days, &period));
	TRY(sql_study_ranking(r, room, days.begins[0], days.begins[days.n], PEOPLE_MAX, &rows));
	studydays_text(&days, 0, from);
	studydays_text(&days, days.n - 1, to);
	return req_reply(r, 200,
	    json_pack(
		"{s:s, s:s, s:s, s:O}", "period", period, "from", from, "to", to, "ranking", rows));
}
