/* SPDX-License-Identifier: MIT */
/* /v1/sessions: login, refresh, logout.
 *
 * A session is a row. Access tokens name it and are short; refresh tokens are random, only their
 * hash is stored, and each can be used once: the second use of one means that there are two
 * copies, and ends the session.
 */
#include "sessions.h"

#include "bottokens.h"
#include "db.h"
#include "page.h"
#include "password.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "token.h"
#include "users.h"

#include <inttypes.h>
#include <strings.h>

#define REFRESH_BYTES 32
#define SESSIONS_MAX  100 /* of one account */

struct session_in {
	const char *name;
	const char *password;
};

static const struct field session_fields[] = {
    TEXT_FIELD(struct session_in, name, 1, 100, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct session_in, password, 1, CRYPT_PASSWORD_MAX, FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

struct refresh_in {
	const char *refresh_token;
};

static const struct field refresh_fields[] = {
    TEXT_FIELD(struct refresh_in, refresh_token, 1, 100, 0),
    END_FIELD,
};

/* Cookies have the prefixes that bind them to this host (RFC 6265bis section 4.1.3) wherever the
 * browser allows those, that is with TLS. */
static bool
is_tls(const struct req *r)
{
	return strcmp(r->env.scheme, "https") == 0;
}

static const char *
access_cookie(const struct req *r)
{
	return is_tls(r) ? "__Host-maru_access" : "maru_access";
}

static const char *
refresh_cookie(const struct req *r)
{
	return is_tls(r) ? "__Secure-maru_refresh" : "maru_refresh";
}

static void
set_cookie(struct req *r, const char *name, const char *value, const char *path, int64_t age)
{
	req_header(r, "Set-Cookie: %s=%s; Path=%s; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s",
	    name, value, path, age, is_tls(r) ? "; Secure" : "");
}

static void
set_cookies(struct req *r, const char *access, const char *refresh)
{
	bool none = access[0] == '\0';

	set_cookie(r, access_cookie(r), access, "/", none ? 0 : r->conf->access_ttl);
	set_cookie(r, refresh_cookie(r), refresh, "/v1/sessions", none ? 0 : r->conf->refresh_ttl);
}

enum err
sessions_identify(struct req *r)
{
	const char *token = r->env.authorization;

	if (token[0] == '\0')
		token = req_cookie(r, access_cookie(r));
	else if (strncasecmp(token, "Bearer ", 7) != 0)
		return ERR_UNAUTHENTICATED;
	else if (bottokens_read(r, token += 7))
		return OK;
	if (token == NULL)
		return ERR_UNAUTHENTICATED;
	return token_check(str_of(token), str_of(r->conf->token_secret), clock_wall() / 1000,
	    &r->user, &r->session);
}

enum err
sessions_require(struct req *r)
{
	json_t *row;
	enum err e = sql_session_alive(r, r->session, r->user, &row);

	if (e == OK)
		r->guest = row_id(row, "guest") != 0;
	return e == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : e;
}

/* Makes a refresh token of the session, stores its hash; the text goes to *out. */
static enum err
issue_refresh(struct req *r, uint64_t session, const char **out)
{
	unsigned char secret[REFRESH_BYTES], hash[CRYPT_HASH];
	char text[CRYPT_B64_SIZE(REFRESH_BYTES)];

	crypt_random(secret, sizeof(secret));
	crypt_b64(secret, sizeof(secret), text);
	crypt_sha256(str_of(text), hash);
	TRY(sql_refresh_insert(r, (struct str){(char *)hash, sizeof(hash)}, session, NULL));
	*out = arena_strdup(&r->mem, text);
	return OK;
}

/* Answers with a new pair of tokens, in the body and as cookies. */
static enum err
reply_tokens(struct req *r, int status, uint64_t user, uint64_t session)
{
	const char *access, *refresh;
	json_t *row;

	TRY(issue_refresh(r, session, &refresh));
	TRY(sql_user_get(r, user, &row));
	access = token_make(&r->mem, str_of(r->conf->token_secret), user, session,
	    clock_wall() / 1000, r->conf->access_ttl);
	set_cookies(r, access, refresh);
	return req_reply(r, status,
	    json_pack("{s:s, s:I, s:s, s:O}", "access_token", access, "expires_in",
		(json_int_t)r->conf->access_ttl, "refresh_token", refresh, "user", row));
}

enum err
sessions_check_password(struct req *r, const char *name, const char *password, json_t **account)
{
	const char *counted = arena_printf(&r->mem, "login:%s", name);
	const char *network = arena_printf(&r->mem, "login-from:%s", throttle_network(r));
	enum err e;

	*account = NULL;
	TRY(throttle_take(r, network, 5 * r->conf->login_attempts, r->conf->login_window));
	TRY(throttle_take(r, counted, r->conf->login_attempts, r->conf->login_window));
	/* The column knows only these letters: with others the question itself would fail. */
	e = name[strspn(name, USERS_NAME_LETTERS)] != '\0' ? ERR_NOT_FOUND
							   : sql_user_password(r, name, account);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	e = password_verify(r, e == OK ? row_text(*account, "password") : NULL, password);
	log_info("%s %s for \"%s\" from %s", r->session == 0 ? "login" : "password",
	    e == OK ? "accepted" : "refused", name, r->env.address);
	TRY(e);
	TRY(throttle_clear(r, counted));
	return sql_throttle_forgive(r, network, NULL);
}

/* Ends the sessions that were not used for longest where there are too many: whoever logs in again
 * and again leaves no more rows than these, and no long work for who ends all of them at once. */
static enum err
end_surplus(struct req *r, uint64_t user)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_sessions_surplus(r, user, SESSIONS_MAX, &rows));
	json_array_foreach (rows, i, row) {
		TRY(sql_session_delete(r, row_id(row, "id"), NULL));
		TRY(stream_end_session(r, user, row_id(row, "id")));
	}
	return OK;
}

/* A row of the account; its number. */
static enum err
insert_session(struct req *r, uint64_t user, uint64_t *session)
{
	const char *agent = arena_strndup(&r->mem, r->env.agent, strnlen(r->env.agent, 200));

	if (!users_is_text(agent))
		agent = "";
	TRY(sql_session_insert(r, user, r->env.address, agent, r->conf->refresh_ttl, NULL));
	*session = db_insert_id(r->db);
	return end_surplus(r, user);
}

enum err
sessions_open(struct req *r, uint64_t user)
{
	const char *access, *refresh;
	json_t *row;

	TRY(insert_session(r, user, &r->session));
	TRY(issue_refresh(r, r->session, &refresh));
	TRY(sql_session_owner(r, user, &row));
	if (strcmp(row_text(row, "state"), "active") != 0)
		return ERR_DISABLED;
	r->user = user;
	access = token_make(&r->mem, str_of(r->conf->token_secret), user, r->session,
	    clock_wall() / 1000, r->conf->access_ttl);
	set_cookies(r, access, refresh);
	return OK;
}

enum err
sessions_welcome(struct req *r, uint64_t user)
{
	TRY(insert_session(r, user, &r->session));
	r->user = user;
	return reply_tokens(r, 201, user, r->session);
}

/* Makes a session of an account whose password was right. Its foreign key holds the account from
 * then on: either a change of the password, or who closes the account, sees the session and ends
 * it, or we see the change. */
static enum err
make_session(struct req *r, const char *name, const json_t *account, uint64_t *session)
{
	json_t *now;

	TRY(insert_session(r, row_id(account, "id"), session));
	TRY(sql_user_password(r, name, &now));
	if (strcmp(row_text(now, "state"), "active") != 0)
		return ERR_DISABLED;
	return strcmp(row_text(now, "password"), row_text(account, "password")) == 0 ? OK
										     : ERR_RETRY;
}

/* Logs in: 201 with tokens. */
enum err
sessions_create(struct req *r)
{
	struct session_in in;
	uint64_t session;
	json_t *account;

	TRY(req_read(r, session_fields, &in));
	TRY(sessions_check_password(r, in.name, in.password, &account));
	TRY(db_begin(r->db));
	TRY(make_session(r, in.name, account, &session));
	r->user = row_id(account, "id");
	return reply_tokens(r, 201, r->user, session);
}

/* The session is over although the request is refused: both tokens' holders have to log in. */
static enum err
end_reused(struct req *r, uint64_t user, uint64_t session)
{
	log_warn("a refresh token of user %" PRIu64 " was used twice: session %" PRIu64 " ends",
	    user, session);
	TRY(sql_session_delete(r, session, NULL));
	TRY(stream_end_session(r, user, session));
	r->commit_anyway = true;
	return req_fail(r, ERR_UNAUTHENTICATED, "this refresh token was used before; log in again");
}

/* Exchanges a refresh token for a new pair: 200. */
enum err
sessions_refresh(struct req *r)
{
	struct refresh_in in;
	unsigned char hash[CRYPT_HASH];
	struct str key = {(char *)hash, sizeof(hash)};
	uint64_t user, session;
	json_t *row;
	enum err e;

	TRY(req_read(r, refresh_fields, &in));
	if (in.refresh_token == NULL)
		in.refresh_token = req_cookie(r, refresh_cookie(r));
	if (in.refresh_token == NULL)
		return ERR_UNAUTHENTICATED;
	crypt_sha256(str_of(in.refresh_token), hash);
	if ((e = sql_refresh_get(r, key, &row)) != OK)
		return e == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : e;
	user = row_id(row, "user");
	session = row_id(row, "session");
	/* Two windows of one browser: the cookies of the first answer are for both. */
	if (row_id(row, "just_used") != 0)
		return ERR_RENEWED;
	if (row_id(row, "used") != 0)
		return end_reused(r, user, session);
	TRY(sql_refresh_use(r, key, NULL));
	TRY(sql_refresh_prune(r, session, NULL));
	TRY(sql_session_extend(r, session, r->conf->refresh_ttl, NULL));
	r->user = user;
	return reply_tokens(r, 200, user, session);
}

/* Logs out: 204. The session's connections are cut, its refresh token is dead. */
enum err
sessions_delete(struct req *r)
{
	TRY(sql_session_delete(r, r->session, NULL));
	TRY(stream_end_session(r, r->user, r->session));
	set_cookies(r, "", "");
	return req_reply(r, 204, NULL);
}

/* Ends the sessions of an account but one. */
static enum err
end_but(struct req *r, uint64_t user, uint64_t session)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_sessions_others(r, user, session, &rows));
	TRY(sql_sessions_delete_others(r, user, session, NULL));
	json_array_foreach (rows, i, row)
		TRY(stream_end_session(r, user, row_id(row, "id")));
	return OK;
}

enum err
sessions_end_others(struct req *r)
{
	return end_but(r, r->user, r->session);
}

enum err
sessions_end_of(struct req *r, uint64_t user)
{
	return end_but(r, user, 0);
}

void
sessions_forget(struct req *r)
{
	set_cookies(r, "", "");
}

/* The living sessions of the account in the order of their ids. */
enum err
sessions_list(struct req *r)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(sql_sessions_list(r, r->user, r->session, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "sessions", rows, &page, "id");
}

/* Ends one session of the account: 204. Others' are as good as missing. */
enum err
sessions_end(struct req *r)
{
	uint64_t session = req_id(r, "session"), ended;

	if (session == r->session)
		return sessions_delete(r);
	TRY(sql_session_end(r, session, r->user, &ended));
	if (ended == 0)
		return ERR_NOT_FOUND;
	TRY(stream_end_session(r, r->user, session));
	return req_reply(r, 204, NULL);
}

/* Ends all sessions of the account but the asking one: 204. */
enum err
sessions_end_all(struct req *r)
{
	json_t *row;

	TRY(sql_session_hold_user(r, r->user, &row));
	TRY(sessions_end_others(r));
	return req_reply(r, 204, NULL);
}
