/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/notification-rule: what of a room somebody wants to be told: all that is said,
 * what is said to them, or nothing; and nothing for a while. Where nobody has chosen, it is all in
 * groups and direct rooms, and mentions elsewhere. The own devices hear it as rule.updated.
 *
 * The server makes notifications for what is said to somebody (alerts.c), unless they want nothing;
 * "all" is for clients, which hear every message anyway.
 */
#include "db.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

#define QUIET_MAX 31536000 /* seconds of a year */

struct rule_in {
	const char *level;
	int64_t quiet_seconds;
};

static const struct field rule_fields[] = {
    WORD_FIELD(struct rule_in, level, "all|mentions|none", 0),
    INT_FIELD(struct rule_in, quiet_seconds, 0, QUIET_MAX, 0),
    END_FIELD,
};

static enum err
find(struct req *r, json_t **rule)
{
	json_t *row;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	return sql_rule_get(r, req_id(r, "room"), r->user, rule);
}

enum err
rules_get(struct req *r)
{
	json_t *rule;

	TRY(find(r, &rule));
	return req_reply(r, 200, json_incref(rule));
}

/* Changes what is given: 200 with the rule. */
enum err
rules_set(struct req *r)
{
	struct stream_pos at;
	struct rule_in in;
	json_t *before, *now;

	TRY(req_read(r, rule_fields, &in));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(find(r, &before));
	TRY(sql_rule_set(r, req_id(r, "room"), r->user, in.level,
	    in.quiet_seconds == FIELD_ABSENT ? -1 : in.quiet_seconds, NULL));
	TRY(find(r, &now));
	if (json_equal(before, now)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(now));
	}
	TRY(stream_store(r, &at, EV_RULE_UPDATED, req_own(r, json_copy(now))));
	return req_reply(r, 200, json_incref(now));
}
