/* SPDX-License-Identifier: MIT */
/* /v1/guests: people without an account, in rooms whose host lets them in.
 *
 * A guest is a user like others, so that rooms, events and moderation need not know of it, with a
 * name that is made here and no password: there is only the session, and when that has ended, the
 * guest is erased and what was said stays. What guests may do says GUEST in routes.def; to them
 * there are no rooms but those that let guests in, and those that they are in (rooms.c).
 */
#include "guests.h"

#include "admission.h"
#include "db.h"
#include "erasure.h"
#include "members.h"
#include "notify.h"
#include "password.h"
#include "rooms.h"
#include "route.h"
#include "sessions.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "userlists.h"
#include "users.h"
#include "words.h"

#include <inttypes.h>

#define WINDOW 3600
#define LOOK   500 /* guests at once: some milliseconds */

struct guest_in {
	const char *nickname;
	int64_t room;
	const char *password; /* of the room */
};

static const struct field guest_fields[] = {
    USERS_NICKNAME_FIELD(struct guest_in, FIELD_REQUIRED),
    INT_FIELD(struct guest_in, room, 1, INT64_MAX, FIELD_REQUIRED),
    TEXT_FIELD(struct guest_in, password, 0, CRYPT_PASSWORD_MAX, FIELD_BYTES),
    END_FIELD,
};

struct upgrade_in {
	const char *name;
	const char *password;
};

static const struct field upgrade_fields[] = {
    USERS_NAME_FIELD(struct upgrade_in, FIELD_REQUIRED),
    TEXT_FIELD(struct upgrade_in, password, USERS_PASSWORD_MIN, CRYPT_PASSWORD_MAX,
	FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

/* Each attempt counts for the asker's network, so a password can't be guessed either. */
static enum err
count_attempt(struct req *r)
{
	if (r->conf->guest_attempts == 0)
		return req_fail(r, ERR_FORBIDDEN, "this server has no guests");
	return throttle_take(r, arena_printf(&r->mem, "guest:%s", throttle_network(r)),
	    r->conf->guest_attempts, WINDOW);
}

/* The room as a guest sees it, if its password is this one. */
static enum err
open_door(struct req *r, const struct guest_in *in, json_t **row)
{
	enum err e;

	r->guest = true;
	TRY(rooms_find(r, (uint64_t)in->room, row));
	if (!json_is_true(json_object_get(*row, "locked")))
		return OK;
	if (in->password == NULL)
		return req_fail(r, ERR_BAD_ROOM_PASSWORD, "this room needs its password");
	e = password_verify(r, row_text(*row, "password"), in->password);
	return e == ERR_BAD_LOGIN ? ERR_BAD_ROOM_PASSWORD : e;
}

/* A name that tells nothing, and that nobody else has. */
static const char *
make_name(struct req *r)
{
	return arena_printf(&r->mem, "guest-%012" PRIx64, crypt_random64() & 0xffffffffffff);
}

/* The new guest in the room that was found; its stream is held from here on. */
static enum err
enter(struct req *r, json_t *row, uint64_t user)
{
	const char *checked = row_text(row, "password");
	struct stream_pos at;
	int status;

	TRY(stream_next(r, WIRE_ROOM, row_id(row, "id"), &at));
	TRY(rooms_find(r, at.id, &row));
	if (strcmp(checked, row_text(row, "password")) != 0)
		return ERR_RETRY; /* changed meanwhile: ask again */
	return admission_grant(r, &at, row, user, &status);
}

/* Lets somebody without an account into a room: 201 with tokens, like a login. */
enum err
guests_create(struct req *r)
{
	struct guest_in in;
	json_t *row;
	uint64_t id;
	enum err e;

	TRY(req_read(r, guest_fields, &in));
	TRY(words_check(r, in.nickname));
	TRY(count_attempt(r));
	TRY(open_door(r, &in, &row)); /* slow, so before anything is locked */
	TRY(db_begin(r->db));
	e = users_add(r, make_name(r), in.nickname, USERS_NO_PASSWORD, &id);
	if (e != OK)
		return e == ERR_NAME_TAKEN ? ERR_RETRY : e;
	TRY(sql_guest_mark(r, id, NULL));
	TRY(users_index(r, id)); /* again: nobody shall find it */
	TRY(enter(r, row, id));
	return sessions_welcome(r, id);
}

/* Tells everybody who sees the guest that it has an account now. */
static enum err
announce(struct req *r)
{
	json_t *user;

	TRY(users_index(r, r->user));
	TRY(members_announce(r, r->user));
	TRY(sql_user_get(r, r->user, &user));
	TRY(stream_append(r, WIRE_USER, r->user, EV_USER_UPDATED, req_own(r, json_copy(user))));
	return req_reply(r, 200, json_incref(user));
}

/* Makes an account of the asking guest, who keeps rooms, messages and sessions: 200 with the user.
 */
enum err
guests_upgrade(struct req *r)
{
	char stored[CRYPT_STORED_SIZE];
	struct upgrade_in in;
	uint64_t changed;
	json_t *row;
	enum err e;

	TRY(req_read(r, upgrade_fields, &in));
	if (!r->guest)
		return req_fail(r, ERR_CONFLICT, "this is an account already");
	TRY(users_prepare(r, in.name, in.password, stored));
	TRY(db_begin(r->db));
	TRY(sql_session_hold_user(r, r->user, &row));
	TRY(sessions_require(r)); /* again: it may have ended meanwhile */
	if ((e = sql_guest_upgrade(r, r->user, in.name, stored, &changed)) != OK)
		return e == ERR_CONFLICT ? ERR_NAME_TAKEN : e;
	if (changed == 0)
		return ERR_RETRY; /* another request was faster: look again */
	TRY(sql_guest_sessions(r, r->user, NULL));
	return announce(r);
}

/* Erases a guest, unless a session was made meanwhile. */
static enum err
forget(struct req *r, uint64_t user)
{
	json_t *row;
	enum err e;

	TRY(db_begin(r->db));
	TRY(sql_session_hold_user(r, user, &row));
	if ((e = sql_guest_session(r, user, &row)) == OK)
		db_rollback(r->db);
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(erasure_account(r, user));
	return db_commit(r->db);
}

static enum err
look(struct req *r, uint64_t *after)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_guests_gone(r, *after, LOOK, &rows));
	*after = 0;
	json_array_foreach (rows, i, row) {
		if (row_id(row, "gone") != 0)
			TRY(forget(r, row_id(row, "id")));
		*after = i + 1 == LOOK ? row_id(row, "id") : 0;
	}
	return OK;
}

void
guests_sweep(struct req *r)
{
	static uint64_t after;
	enum err e = look(r, &after);

	db_rollback(r->db);
	r->notices = NULL; /* maru-push compares heads every second */
	if (e != OK && e != ERR_RETRY)
		log_warn("erasing guests: %s", err_info(e)->slug);
}
