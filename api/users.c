/* SPDX-License-Identifier: MIT */
/* /v1/users: sign-up and the own account. */
#include "users.h"

#include "db.h"
#include "emblem.h"
#include "erasure.h"
#include "friends.h"
#include "members.h"
#include "password.h"
#include "route.h"
#include "sessions.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "userlists.h"
#include "words.h"

#include <inttypes.h>

#define SIGNUP_WINDOW  3600
#define CHANGES_MAX    100 /* of a profile in CHANGES_WINDOW seconds */
#define CHANGES_WINDOW 3600

struct user_in {
	const char *name;
	const char *nickname;
	const char *password;
};

static const struct field user_fields[] = {
    USERS_NAME_FIELD(struct user_in, FIELD_REQUIRED),
    USERS_NICKNAME_FIELD(struct user_in, FIELD_REQUIRED),
    TEXT_FIELD(struct user_in, password, USERS_PASSWORD_MIN, CRYPT_PASSWORD_MAX,
	FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

static const struct field profile_fields[] = {
    USERS_NICKNAME_FIELD(struct users_profile, 0),
    TEXT_FIELD(struct users_profile, status_message, 0, 200, FIELD_LINE),
    TEXT_FIELD(struct users_profile, avatar, 0, 40, FIELD_BYTES),
    END_FIELD,
};

struct erase_in {
	const char *password;
	const char *messages;
};

static const struct field erase_fields[] = {
    TEXT_FIELD(struct erase_in, password, 1, CRYPT_PASSWORD_MAX, FIELD_BYTES),
    WORD_FIELD(struct erase_in, messages, "keep|erase", FIELD_REQUIRED),
    END_FIELD,
};

struct password_in {
	const char *password; /* the present one */
	const char *new_password;
};

static const struct field password_fields[] = {
    TEXT_FIELD(struct password_in, password, 1, CRYPT_PASSWORD_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct password_in, new_password, USERS_PASSWORD_MIN, CRYPT_PASSWORD_MAX,
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

enum err
users_take_nickname(struct req *r, uint64_t user, const char *nickname)
{
	json_t *row;
	enum err e;

	if (!r->conf->unique_nicknames)
		return OK;
	TRY(sql_nickname_lock(r, &row));
	e = sql_nickname_taken(r, nickname, user, &row);
	return e == OK ? ERR_NICKNAME_TAKEN : e == ERR_NOT_FOUND ? OK : e;
}

enum err
users_add(struct req *r, const char *name, const char *nickname, const char *stored, uint64_t *id)
{
	enum err e;

	TRY(users_take_nickname(r, 0, nickname));
	if ((e = sql_user_insert(r, name, nickname, stored, NULL)) != OK)
		return e == ERR_CONFLICT ? ERR_NAME_TAKEN : e;
	*id = db_insert_id(r->db);
	TRY(stream_create(r, WIRE_USER, *id));
	return users_index(r, *id);
}

enum err
users_prepare(struct req *r, const char *name, const char *password, char stored[CRYPT_STORED_SIZE])
{
	const char *network = arena_printf(&r->mem, "signup:%s", throttle_network(r));
	json_t *user;
	enum err e;

	/* Asked before the expensive part; the unique key decides the race. */
	if ((e = sql_user_password(r, name, &user)) != ERR_NOT_FOUND)
		return e == OK ? ERR_NAME_TAKEN : e;
	TRY(throttle_take(r, network, r->conf->signup_attempts, SIGNUP_WINDOW));
	return password_hash(r, password, stored);
}

/* Signs up: 201 with the user. */
enum err
users_create(struct req *r)
{
	char stored[CRYPT_STORED_SIZE];
	struct user_in in;
	json_t *user;
	uint64_t id;

	TRY(req_read(r, user_fields, &in));
	TRY(words_check(r, in.nickname));
	TRY(users_prepare(r, in.name, in.password, stored));
	TRY(db_begin(r->db));
	TRY(users_add(r, in.name, in.nickname, stored, &id));
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

/* Somebody's public profile. Who may not be seen is as good as missing. */
enum err
users_profile(struct req *r)
{
	json_t *user;

	TRY(sql_user_profile(r, r->user, req_id(r, "user"), &user));
	return req_reply(r, 200, json_incref(user));
}

static bool
differs(const json_t *user, const char *name, const char *value)
{
	return value != NULL && strcmp(row_text(user, name), value) != 0;
}

/* Every room and every friend is told of a change, so one who is in a thousand rooms shall not
 * change all the time. What is counted is what happened, so it is part of the transaction. */
static enum err
count_change(struct req *r, uint64_t user)
{
	const char *name = arena_printf(&r->mem, "profile:%" PRIu64, user);

	return throttle_take(r, name, CHANGES_MAX, CHANGES_WINDOW);
}

enum err
users_read_profile(struct req *r, uint64_t user, struct users_profile *in)
{
	TRY(req_read(r, profile_fields, in));
	return in->avatar == NULL ? OK : emblem_check(r, "avatar", in->avatar, "avatar", user);
}

enum err
users_change_profile(struct req *r, uint64_t user, const struct users_profile *in)
{
	json_t *row;

	TRY(sql_user_get(r, user, &row));
	if (!differs(row, "nickname", in->nickname) && !differs(row, "avatar", in->avatar) &&
	    !differs(row, "status_message", in->status_message))
		return OK;
	TRY(count_change(r, user));
	TRY(words_check(r, in->nickname));
	TRY(words_check(r, in->status_message));
	if (in->nickname != NULL)
		TRY(users_take_nickname(r, user, in->nickname));
	TRY(sql_user_update(r, user, in->nickname, in->status_message, in->avatar, NULL));
	if (in->nickname != NULL)
		TRY(users_index(r, user));
	TRY(members_announce(r, user));
	TRY(friends_announce(r, user));
	TRY(sql_user_get(r, user, &row));
	return stream_append(r, WIRE_USER, user, EV_USER_UPDATED, req_own(r, json_copy(row)));
}

/* Changes the own account: 200 with the user. */
enum err
users_update(struct req *r)
{
	struct users_profile in;
	json_t *user;

	TRY(users_read_profile(r, r->user, &in));
	TRY(users_change_profile(r, r->user, &in));
	TRY(sql_user_get(r, r->user, &user));
	return req_reply(r, 200, json_incref(user));
}

/* Whether the asker may erase the account: with its password. One that has none, because somebody
 * else vouches for who it is, has only its session. Gives what is stored as the password. */
static enum err
check_owner(struct req *r, const char *password, const char **stored)
{
	json_t *user, *account;
	enum err e;

	TRY(sql_user_get(r, r->user, &user));
	TRY(sql_user_password(r, row_text(user, "name"), &account));
	*stored = row_text(account, "password");
	if (strcmp(*stored, USERS_NO_PASSWORD) == 0)
		return OK;
	if (password == NULL)
		return req_invalid(r, "password", "is required");
	e = sessions_check_password(r, row_text(user, "name"), password, &account);
	return e == ERR_BAD_LOGIN ? ERR_BAD_PASSWORD : e;
}

/* Erases the own account: 204. messages says whether what was said stays ("keep", without a name)
 * or goes ("erase"). */
enum err
users_delete(struct req *r)
{
	struct erase_in in;
	const char *stored;

	TRY(req_read(r, erase_fields, &in));
	TRY(check_owner(r, in.password, &stored));
	TRY(db_begin(r->db));
	TRY(erasure_begin(r, stored, strcmp(in.messages, "erase") == 0));
	TRY(db_commit(r->db));
	notify_flush(r);
	erasure_leave(r, r->user);
	sessions_forget(r);
	return req_reply(r, 204, NULL);
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
