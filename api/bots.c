/* SPDX-License-Identifier: MIT */
/* /v1/bots: accounts that a program uses, with a token instead of a password.
 *
 * A bot is a user like others, so that rooms, events, blocks and moderation need not know of it; it
 * can be put into rooms by its owner, where the owner may put people, and leaves them with the
 * owner (members.c): nobody reads on through a bot. What bots may not do at all says PERSON in
 * routes.def: whatever makes others hear of somebody they did not let in.
 *
 * Whoever changes what a bot's token is holds the row of its owner, then the bot's.
 */
#include "bots.h"

#include "admins.h"
#include "audit.h"
#include "bottokens.h"
#include "db.h"
#include "emblem.h"
#include "erasure.h"
#include "notify.h"
#include "page.h"
#include "query.h"
#include "route.h"
#include "sessions.h"
#include "sql.h"
#include "throttle.h"
#include "users.h"
#include "words.h"

#include <inttypes.h>

#define BOTS_MAX    20 /* of one person */
#define MADE_MAX    50 /* in MADE_WINDOW seconds, also those that were deleted */
#define MADE_WINDOW 86400

struct bot_in {
	const char *name;
	const char *nickname;
	const char *avatar;
};

static const struct field bot_fields[] = {
    USERS_NAME_FIELD(struct bot_in, FIELD_REQUIRED),
    USERS_NICKNAME_FIELD(struct bot_in, FIELD_REQUIRED),
    TEXT_FIELD(struct bot_in, avatar, 0, 40, FIELD_BYTES),
    END_FIELD,
};

static const struct field no_fields[] = {END_FIELD};

enum err
bots_add(struct req *r, uint64_t owner, const char *name, const char *nickname, uint64_t *bot)
{
	TRY(users_add(r, name, nickname, USERS_NO_PASSWORD, bot));
	return sql_bot_own(r, *bot, owner, NULL);
}

enum err
bots_silence(struct req *r, uint64_t owner)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_bots_ids(r, owner, &rows));
	json_array_foreach (rows, i, row)
		TRY(sessions_end_of(r, row_id(row, "id")));
	return OK;
}

/* Answers with the bot, and a new token of it if there is one: nobody sees that again. */
static enum err
reply(struct req *r, int status, uint64_t bot, const char *token)
{
	json_t *row;

	TRY(sql_bot_get(r, bot, &row));
	row = json_copy(row);
	if (token != NULL)
		(void)json_object_set_new(row, "token", json_string(token));
	return req_reply(r, status, row);
}

/* Holds the asker's account for what shall happen to a bot of theirs, if it is still open. */
static enum err
hold_owner(struct req *r)
{
	json_t *row;

	TRY(sql_session_hold_user(r, r->user, &row));
	return sessions_require(r);
}

/* How many there are and were. What is counted is what happened, so it is part of the transaction.
 */
static enum err
check_limits(struct req *r)
{
	json_t *row;

	TRY(sql_bots_count(r, r->user, &row));
	if (row_id(row, "n") > BOTS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d bots", BOTS_MAX);
	return throttle_take(
	    r, arena_printf(&r->mem, "bots:%" PRIu64, r->user), MADE_MAX, MADE_WINDOW);
}

/* Makes a bot: 201 with it and its token. */
enum err
bots_create(struct req *r)
{
	const char *token;
	struct bot_in in;
	uint64_t bot;

	TRY(req_read(r, bot_fields, &in));
	if (in.avatar != NULL)
		TRY(emblem_check(r, "avatar", in.avatar, "avatar", 0));
	TRY(words_check(r, in.nickname));
	TRY(bots_add(r, r->user, in.name, in.nickname, &bot));
	TRY(hold_owner(r));
	TRY(check_limits(r));
	TRY(sql_user_update(r, bot, NULL, NULL, in.avatar, NULL));
	TRY(bottokens_issue(r, bot, &token));
	return reply(r, 201, bot, token);
}

/* The own bots in the order of their ids; for admins with ?all=1 everybody's. */
enum err
bots_list(struct req *r)
{
	const char *all = query_value(&r->mem, str_of(r->query), "all");
	struct page page;
	json_t *rows;

	TRY(req_query_word(r, "all", all, "0|1"));
	TRY(page_read(r, 0, &page));
	if (all != NULL && strcmp(all, "1") == 0) {
		TRY(admins_require(r));
		TRY(sql_bots_all(r, page.cursor, (int64_t)page.limit + 1, &rows));
	} else {
		TRY(sql_bots_list(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	}
	return page_reply(r, "bots", rows, &page, "id");
}

/* The bot of the path, if it is the asker's: ERR_NOT_FOUND for those of others. */
static enum err
find(struct req *r, json_t **bot)
{
	TRY(sql_bot_get(r, req_id(r, "bot"), bot));
	return row_id(*bot, "owner") == r->user ? OK : ERR_NOT_FOUND;
}

enum err
bots_get(struct req *r)
{
	json_t *bot;

	TRY(find(r, &bot));
	return reply(r, 200, row_id(bot, "id"), NULL);
}

/* Changes what others see of a bot, as users_update() does: 200 with it. */
enum err
bots_update(struct req *r)
{
	struct users_profile in;
	json_t *bot;

	TRY(find(r, &bot));
	TRY(users_read_profile(r, row_id(bot, "id"), &in));
	TRY(users_change_profile(r, row_id(bot, "id"), &in));
	return reply(r, 200, row_id(bot, "id"), NULL);
}

/* Gives a bot another token: 201 with both. The one before is worthless at once. */
enum err
bots_create_token(struct req *r)
{
	json_t *bot, *held;
	const char *token;

	TRY(req_read(r, no_fields, NULL));
	TRY(hold_owner(r));
	TRY(sql_session_hold_user(r, req_id(r, "bot"), &held));
	TRY(find(r, &bot));
	if (strcmp(row_text(bot, "state"), "active") != 0)
		return ERR_DISABLED;
	TRY(bottokens_issue(r, row_id(bot, "id"), &token));
	return reply(r, 201, row_id(bot, "id"), token);
}

/* The same, also for an admin, who may take any bot off; noted then. */
static enum err
find_to_delete(struct req *r, uint64_t bot)
{
	json_t *row, *held;
	enum err e;

	TRY(sql_session_hold_user(r, bot, &held));
	if ((e = find(r, &row)) != ERR_NOT_FOUND)
		return e;
	TRY(sql_bot_get(r, bot, &row));
	TRY(sql_admin_get(r, r->user, &row)); /* to others it is as good as missing */
	return audit_note(r, "bot.deleted", 0, bot, NULL);
}

/* Erases a bot's account, with its token: 204. What it said stays, without a name. */
enum err
bots_delete(struct req *r)
{
	uint64_t bot = req_id(r, "bot");

	TRY(db_begin(r->db));
	TRY(find_to_delete(r, bot));
	TRY(erasure_account(r, bot));
	TRY(db_commit(r->db));
	notify_flush(r);
	erasure_leave(r, bot);
	return req_reply(r, 204, NULL);
}
