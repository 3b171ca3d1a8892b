/* SPDX-License-Identifier: MIT */
/* /v1/availability: whether a name can be had, for the form with which one signs up. Signing up
 * decides: what is free now may be taken then. */
#include "query.h"
#include "route.h"
#include "sql.h"
#include "throttle.h"
#include "users.h"

#define WINDOW  3600
#define PER_TRY 20 /* questions for each account that an address may create */

struct wanted {
	const char *name;
	const char *nickname;
};

static const struct field wanted_fields[] = {
    USERS_NAME_FIELD(struct wanted, 0),
    USERS_NICKNAME_FIELD(struct wanted, 0),
    END_FIELD,
};

static void
judge(json_t *answer, const char *field, const char *reason)
{
	(void)json_object_set_new(
	    answer, field, json_pack("{s:b, s:s*}", "available", reason == NULL, "reason", reason));
}

/* Whether the field's own rules speak against it. */
static bool
is_invalid(const json_t *problems, const char *field)
{
	const json_t *problem;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)problems, i, problem) {
		if (strcmp(row_text(problem, "field"), field) == 0)
			return true;
	}
	return false;
}

static enum err
judge_name(struct req *r, json_t *answer, const char *name)
{
	json_t *row;
	enum err e = sql_user_password(r, name, &row);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	judge(answer, "name", e == OK ? "taken" : NULL);
	return OK;
}

static enum err
judge_nickname(struct req *r, json_t *answer, const char *nickname)
{
	json_t *row;
	enum err e = ERR_NOT_FOUND;

	if (r->conf->unique_nicknames)
		e = sql_nickname_taken(r, nickname, 0, &row);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	judge(answer, "nickname", e == OK ? "taken" : NULL);
	return OK;
}

/* ?name= and ?nickname=, either or both: {"name": {"available": false, "reason": "taken"}}. The
 * reason is taken or invalid. */
enum err
availability_get(struct req *r)
{
	json_t *asked = req_own(r, json_object()), *problems = req_own(r, json_array());
	json_t *answer = req_own(r, json_object());
	const char *network = arena_printf(&r->mem, "available:%s", throttle_network(r));
	const char *name = query_value(&r->mem, str_of(r->query), "name");
	const char *nickname = query_value(&r->mem, str_of(r->query), "nickname");
	struct wanted w;

	if (name == NULL && nickname == NULL)
		return req_invalid(r, "name", "or nickname is required");
	TRY(throttle_take(r, network, PER_TRY * r->conf->signup_attempts, WINDOW));
	if (name != NULL)
		(void)json_object_set_new(asked, "name", json_string(name));
	if (nickname != NULL)
		(void)json_object_set_new(asked, "nickname", json_string(nickname));
	(void)field_read(wanted_fields, asked, &w, &r->mem, problems);
	if (is_invalid(problems, "name") || (name != NULL && w.name == NULL))
		judge(answer, "name", "invalid");
	else if (name != NULL)
		TRY(judge_name(r, answer, w.name));
	if (is_invalid(problems, "nickname") || (nickname != NULL && w.nickname == NULL))
		judge(answer, "nickname", "invalid");
	else if (nickname != NULL)
		TRY(judge_nickname(r, answer, w.nickname));
	return req_reply(r, 200, json_incref(answer));
}
