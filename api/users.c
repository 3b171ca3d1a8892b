/* SPDX-License-Identifier: MIT */
/* /v1/users: sign-up and the own account. */
#include "users.h"

#include "db.h"
#include "friends.h"
#include "members.h"
#include "password.h"
#include "route.h"
#include "sessions.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#define SIGNUP_WINDOW 3600
#define PASSWORD_MIN  8

struct user_in {
	const char *name;
	const char *nickname;
	const char *password;
};

static const struct field user_fields[] = {
    NAME_FIELD(struct user_in, name, 3, 20, USERS_NAME_LETTERS, FIELD_REQUIRED),
    TEXT_FIELD(struct user_in, nickname, 1, 30, FIELD_REQUIRED | FIELD_LINE),
    TEXT_FIELD(
	struct user_in, password, PASSWORD_MIN, CRYPT_PASSWORD_MAX, FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

struct profile_in {
	const char *nickname;
};

static const struct field profile_fields[] = {
    TEXT_FIELD(struct profile_in, nickname, 1, 30, FIELD_LINE),
    END_FIELD,
};

struct password_in {
	const char *password; /* the present one */
	const char *new_password;
};

static const struct field password_fields[] = {
    TEXT_FIELD(struct password_in, password, 1, CRYPT_PASSWORD_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct password_in, new_password, PASSWORD_MIN, CRYPT_PASSWORD_MAX,
	FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

bool
users_is_text(const char *s)
{
	json_t *json = json_string(s); /* NULL unless it is valid UTF-8 */
	bool ok = json != NULL;

	json_decref(json);
	return ok;
}

/* Signs up: 201 with the user. */
enum err
users_create(struct req *r)
{
	const char *network = arena_printf(&r->mem, "signup:%s", throttle_network(r));
	char stored[CRYPT_STORED_SIZE];
	struct user_in in;
	json_t *user;
	uint64_t id;
	enum err e;

	TRY(req_read(r, user_fields, &in));
	/* Asked before the expensive part; the unique key decides the race. */
	if ((e = sql_user_password(r, in.name, &user)) != ERR_NOT_FOUND)
		return e == OK ? ERR_NAME_TAKEN : e;
	TRY(throttle_take(r, network, r->conf->signup_attempts, SIGNUP_WINDOW));
	TRY(password_hash(r, in.password, stored));
	TRY(db_begin(r->db));
	if ((e = sql_user_insert(r, in.name, in.nickname, stored, NULL)) != OK)
		return e == ERR_CONFLICT ? ERR_NAME_TAKEN : e;
	id = db_insert_id(r->db);
	TRY(stream_create(r, WIRE_USER, id));
	TRY(sql_user_get(r, id, &user));
	return req_reply(r, 201, json_incref(user));
}

/* The own account. */
enum err
users_get(struct req *r)
{
	json_t *user;

	TRY(sql_user_get(r, r->user, &user));
	return req_reply(r, 200, json_incref(user));
}

/* Changes the own account: 200 with the user. */
enum err
users_update(struct req *r)
{
	struct profile_in in;
	json_t *user;

	TRY(req_read(r, profile_fields, &in));
	if (in.nickname == NULL)
		return users_get(r);
	TRY(sql_user_rename(r, r->user, in.nickname, NULL));
	TRY(members_announce(r));
	TRY(friends_announce(r));
	TRY(sql_user_get(r, r->user, &user));
	TRY(stream_append(r, WIRE_USER, r->user, EV_USER_UPDATED, req_own(r, json_copy(user))));
	return req_reply(r, 200, json_incref(user));
}

/* Changes the password, and ends all other sessions of the account: 204. A wrong present one is
 * 403, not 401: the token is good, and getting another would not help. */
enum err
users_set_password(struct req *r)
{
	char stored[CRYPT_STORED_SIZE];
	struct password_in in;
	json_t *user, *account;
	uint64_t changed;
	enum err e;

	TRY(req_read(r, password_fields, &in));
	TRY(sql_user_get(r, r->user, &user));
	e = sessions_check_password(r, row_text(user, "name"), in.password, &account);
	if (e != OK)
		return e == ERR_BAD_LOGIN ? ERR_BAD_PASSWORD : e;
	TRY(password_hash(r, in.new_password, stored));
	TRY(db_begin(r->db));
	TRY(sql_user_set_password(r, r->user, row_text(account, "password"), stored, &changed));
	if (changed == 0)
		return ERR_RETRY; /* it was changed meanwhile: check again */
	TRY(sessions_require(r)); /* again: it may have ended meanwhile */
	TRY(sessions_end_others(r));
	return req_reply(r, 204, NULL);
}
