/* SPDX-License-Identifier: MIT */
/* /v1/admin: what those who run the server see of it, and may do to accounts. */
#include "admins.h"
#include "audit.h"
#include "bots.h"
#include "db.h"
#include "page.h"
#include "query.h"
#include "route.h"
#include "sessions.h"
#include "sql.h"
#include "stream.h"
#include "userlists.h"
#include "users.h"

#define EMAIL_MAX 254
#define COMMON    2000 /* accounts; to look through all is quicker than to sort so many */
#define NO_NAME   "~~" /* that no name begins with */

struct change_in {
	const char *state;
	const char *role;
};

static const struct field change_fields[] = {
    WORD_FIELD(struct change_in, state, "active|disabled", 0),
    WORD_FIELD(struct change_in, role, "user|admin", 0),
    END_FIELD,
};

static bool
is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 0x80)
		s++;
	return *s == '\0';
}

/* Columns that know only some letters are asked for nothing else. */
static enum err
find(struct req *r, const char *q, const char *state, const struct page *page, json_t **rows)
{
	const char *name = q[strspn(q, USERS_NAME_LETTERS "~")] == '\0' ? q : NO_NAME;
	const char *last = arena_printf(&r->mem, "%s\U0010ffff", q), *email = is_ascii(q) ? q : "";
	int64_t limit = (int64_t)page->limit + 1;
	json_t *count;

	TRY(sql_admin_users_count(r, name, q, last, COMMON, &count));
	if (row_id(count, "n") >= COMMON && (*state == '\0' || strcmp(state, "active") == 0))
		return sql_admin_users_common(
		    r, name, q, last, email, state, page->cursor, limit, rows);
	return sql_admin_users_found(r, name, q, last, email, state, page->cursor, limit, rows);
}

/* All accounts in the order of their ids; ?q= what a name or a nickname begins with, or a whole
 * e-mail address, ?state= only those. */
enum err
admin_users(struct req *r)
{
	const char *q = query_value(&r->mem, str_of(r->query), "q");
	const char *state = query_value(&r->mem, str_of(r->query), "state");
	struct page page;
	json_t *rows;

	TRY(admins_require(r));
	TRY(page_read(r, 0, &page));
	TRY(req_query_word(r, "state", state, "active|disabled|erased"));
	if (q != NULL && (q[0] == '\0' || strlen(q) > EMAIL_MAX))
		return req_invalid(r, "q", "must have 1 to 254 bytes");
	if (q != NULL)
		TRY(find(r, q, state == NULL ? "" : state, &page, &rows));
	else if (state != NULL)
		TRY(sql_admin_users_in(r, state, page.cursor, (int64_t)page.limit + 1, &rows));
	else
		TRY(sql_admin_users(r, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "users", rows, &page, "id");
}

/* Whether a value is given and another than the row's. */
static bool
differs(const json_t *row, const char *name, const char *value)
{
	return value != NULL && strcmp(row_text(row, name), value) != 0;
}

/* Of an account that is closed now, whose row is held. Its bots are silent, too. */
static enum err
end_sessions(struct req *r, uint64_t user)
{
	TRY(bots_silence(r, user));
	return sessions_end_of(r, user);
}

/* Changes the account, whose row is held, and tells it. */
static enum err
change(struct req *r, const struct stream_pos *at, const struct change_in *in)
{
	json_t *user;

	TRY(sql_admin_user_update(r, at->id, in->state, in->role, NULL));
	TRY(users_index(r, at->id));
	TRY(sql_user_get(r, at->id, &user));
	TRY(stream_store(r, at, EV_USER_UPDATED, req_own(r, json_copy(user))));
	if (in->state != NULL && strcmp(in->state, "disabled") == 0)
		TRY(end_sessions(r, at->id));
	return OK;
}

/* Closes or opens an account (its sessions end, logging in is refused), or makes an admin of
 * somebody: 200 with the account. Nobody changes themselves. */
enum err
admin_update_user(struct req *r)
{
	struct stream_pos at;
	struct change_in in;
	json_t *row, *admins;

	TRY(req_read(r, change_fields, &in));
	TRY(admins_require(r)); /* others don't learn whether there is such an account */
	/* Rows of people come before their streams, as everywhere (pairs.h). */
	TRY(sql_admin_hold(r, &admins));
	TRY(admins_require(r));
	TRY(sql_admin_user(r, req_id(r, "user"), &row));
	TRY(stream_next(r, WIRE_USER, req_id(r, "user"), &at));
	if (strcmp(row_text(row, "state"), "erased") == 0)
		return ERR_NOT_FOUND;
	if (!differs(row, "state", in.state) && !differs(row, "role", in.role)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(row));
	}
	if (json_object_get(row, "bot") != NULL && differs(row, "role", in.role))
		return req_invalid(r, "role", "of a bot can't be another");
	if (json_object_get(row, "guest") != NULL && differs(row, "role", in.role))
		return req_invalid(r, "role", "of a guest can't be another");
	if (at.id == r->user)
		return req_invalid(r, differs(row, "role", in.role) ? "role" : "state",
		    "of oneself is for another admin to change");
	TRY(change(r, &at, &in));
	TRY(sql_admin_user(r, at.id, &row));
	TRY(audit_note(r, "user.updated", 0, at.id,
	    json_pack("{s:O, s:O}", "state", json_object_get(row, "state"), "role",
		json_object_get(row, "role"))));
	return req_reply(r, 200, json_incref(row));
}

/* How much there is of what. */
enum err
admin_stats(struct req *r)
{
	json_t *row;

	TRY(admins_require(r));
	TRY(sql_admin_stats(r, &row));
	return req_reply(r, 200, json_incref(row));
}
