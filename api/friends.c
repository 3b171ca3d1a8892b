/* SPDX-License-Identifier: MIT */
/* /v1/friends: who is a friend, and who asked whom.
 *
 * Each of the two has a row of their own: `sent` and `received` while somebody waits for an answer,
 * then `friend` twice. A request that was declined, or that a block swallowed, stays `sent` without
 * its counterpart: whoever asked can't tell it from one that waits. Both streams are held while
 * anything between the two changes, so that two who ask each other at the same time are friends.
 */
#include "friends.h"

#include "db.h"
#include "erasure.h"
#include "page.h"
#include "pairs.h"
#include "query.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"

#include <inttypes.h>

#define FRIENDS_MAX 1000
#define SENT_MAX    100 /* requests that wait for an answer */
#define ASKS_MAX    100 /* in ASKS_WINDOW seconds, also those that were taken back */
#define ASKS_WINDOW 3600

struct change_in {
	int64_t favorite;
	const char *alias;
};

static const struct field change_fields[] = {
    BOOL_FIELD(struct change_in, favorite, 0),
    TEXT_FIELD(struct change_in, alias, 0, 30, FIELD_LINE),
    END_FIELD,
};

/* Tells somebody what the row of the other is now. */
static enum err
tell(struct req *r, uint64_t user, uint64_t other, enum event ev)
{
	json_t *row;

	TRY(sql_friend_get(r, user, other, &row));
	return stream_append(r, WIRE_USER, user, ev, req_own(r, json_copy(row)));
}

static enum err
reply(struct req *r, int status, uint64_t other)
{
	json_t *row;

	TRY(sql_friend_get(r, r->user, other, &row));
	return req_reply(r, status, json_incref(row));
}

/* In the order of the ids: friends, or those who were asked (sent) or have asked (received). */
enum err
friends_list(struct req *r)
{
	const char *state = query_value(&r->mem, str_of(r->query), "state");
	struct page page;
	json_t *rows;

	if (state == NULL)
		state = "friend";
	TRY(req_query_word(r, "state", state, "friend|sent|received"));
	TRY(page_read(r, 0, &page));
	TRY(sql_friends_list(r, r->user, state, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "friends", rows, &page, "id");
}

/* ERR_LIMIT if somebody has so many in a state. */
static enum err
check_limit(struct req *r, uint64_t user, const char *state, uint64_t max)
{
	json_t *row;

	TRY(sql_friend_count(r, user, state, &row));
	if (row_id(row, "n") < max)
		return OK;
	if (user != r->user)
		return req_fail(r, ERR_LIMIT, "this person has as many friends as there may be");
	return req_fail(r, ERR_LIMIT, "at most %d %s", (int)max,
	    max == SENT_MAX ? "requests that wait for an answer" : "friends");
}

/* Each has asked the other. */
static enum err
befriend(struct req *r, uint64_t other)
{
	TRY(check_limit(r, r->user, "friend", FRIENDS_MAX));
	TRY(check_limit(r, other, "friend", FRIENDS_MAX));
	TRY(sql_friend_store(r, r->user, other, "friend", NULL));
	TRY(sql_friend_store(r, other, r->user, "friend", NULL));
	TRY(tell(r, r->user, other, EV_FRIEND_ADDED));
	return tell(r, other, r->user, EV_FRIEND_ADDED);
}

/* Whoever asks one number after the other would read everybody's name, and could ask the same
 * person over and over. What is counted is what happened, so it is part of the transaction. */
static enum err
count_ask(struct req *r)
{
	const char *name = arena_printf(&r->mem, "friend:%" PRIu64, r->user);

	return throttle_take(r, name, ASKS_MAX, ASKS_WINDOW);
}

/* Asks; somebody who blocks the asker hears nothing of it, and the asker nothing of the block. */
static enum err
ask(struct req *r, uint64_t other, bool blocked)
{
	TRY(check_limit(r, r->user, "sent", SENT_MAX));
	TRY(count_ask(r));
	TRY(sql_friend_store(r, r->user, other, "sent", NULL));
	TRY(tell(r, r->user, other, EV_FRIEND_UPDATED));
	if (blocked)
		return OK;
	TRY(sql_friend_store(r, other, r->user, "received", NULL));
	return tell(r, other, r->user, EV_FRIEND_REQUESTED);
}

/* Asks somebody to be a friend, or says yes to who has asked: 201 with the row, 200 if there was
 * one. */
enum err
friends_add(struct req *r)
{
	static const struct field none[] = {END_FIELD};
	uint64_t other = req_id(r, "user");
	const char *mine;
	json_t *pair;

	TRY(req_read(r, none, NULL));
	if (other == r->user)
		return req_invalid(r, "user", "must be somebody else");
	TRY(pairs_freeze(r, other));
	TRY(pairs_hold(r, other));
	TRY(pairs_get(r, other, &pair));
	if (strcmp(row_text(pair, "state"), "erased") == 0)
		return ERR_NOT_FOUND;
	if (json_is_true(json_object_get(pair, "bot")))
		return req_fail(r, ERR_UNREACHABLE, "a bot has no friends");
	if (json_is_true(json_object_get(pair, "guest")))
		return req_fail(r, ERR_UNREACHABLE, "a guest has no friends");
	TRY(pairs_check_block(r, pair));
	mine = row_text(pair, "mine");
	if (strcmp(mine, "friend") == 0 || strcmp(mine, "sent") == 0)
		return reply(r, 200, other); /* nothing happened, and no seq was taken */
	if (strcmp(row_text(pair, "theirs"), "sent") == 0)
		TRY(befriend(r, other));
	else
		TRY(ask(r, other, json_is_true(json_object_get(pair, "blocked"))));
	return reply(r, mine[0] == '\0' ? 201 : 200, other);
}

/* Whether a change asks for what is there. */
static bool
is_same(const json_t *row, const struct change_in *in)
{
	int64_t favorite = json_is_true(json_object_get(row, "favorite"));

	return (in->favorite == FIELD_ABSENT || in->favorite == favorite) &&
	       (in->alias == NULL || strcmp(in->alias, row_text(row, "alias")) == 0);
}

/* Changes what the asker alone sees of somebody: 200 with the row. */
enum err
friends_update(struct req *r)
{
	uint64_t other = req_id(r, "user");
	struct stream_pos at;
	struct change_in in;
	json_t *row;

	TRY(req_read(r, change_fields, &in));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_friend_get(r, r->user, other, &row));
	if (is_same(row, &in)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(row));
	}
	TRY(sql_friend_update(r, r->user, other, in.favorite, in.alias, NULL));
	TRY(sql_friend_get(r, r->user, other, &row));
	TRY(stream_store(r, &at, EV_FRIEND_UPDATED, req_own(r, json_copy(row))));
	return req_reply(r, 200, json_incref(row));
}

/* Tells somebody that the row of the other is gone. */
static enum err
remove_row(struct req *r, uint64_t user, uint64_t other)
{
	TRY(sql_friend_delete(r, user, other, NULL));
	return stream_append(r, WIRE_USER, user, EV_FRIEND_REMOVED,
	    req_own(r, json_pack("{s:I}", "id", (json_int_t)other)));
}

enum err
friends_forget(struct req *r, uint64_t other, bool *had)
{
	const char *theirs;
	json_t *pair;
	bool mine;

	TRY(pairs_get(r, other, &pair));
	mine = row_text(pair, "mine")[0] != '\0';
	theirs = row_text(pair, "theirs");
	if (had != NULL)
		*had = mine;
	if (mine)
		TRY(remove_row(r, r->user, other));
	if (mine && theirs[0] == '\0') /* a request that a block swallowed, or that was declined */
		TRY(erasure_remember(r, other));
	if (strcmp(theirs, "friend") == 0 || strcmp(theirs, "received") == 0)
		TRY(remove_row(r, other, r->user));
	return OK;
}

/* Takes a request back, declines one, or ends a friendship: 204. */
enum err
friends_remove(struct req *r)
{
	uint64_t other = req_id(r, "user");
	bool had;

	TRY(pairs_freeze(r, other));
	TRY(pairs_hold(r, other));
	TRY(friends_forget(r, other, &had));
	return had ? req_reply(r, 204, NULL) : ERR_NOT_FOUND;
}

enum err
friends_announce(struct req *r, uint64_t user)
{
	json_t *rows, *row;
	bool held = false;
	size_t i;

	TRY(sql_friend_viewers(r, user, &rows));
	json_array_foreach (rows, i, row) {
		uint64_t viewer = row_id(row, "id");
		struct stream_pos at;
		json_t *data, *own;
		enum err e;

		if (viewer > user && !held) {
			TRY(sql_pair_stream(r, WIRE_USER, user, &own));
			held = true;
		}
		TRY(stream_next(r, WIRE_USER, viewer, &at));
		if ((e = sql_friend_get(r, viewer, user, &data)) == ERR_NOT_FOUND)
			return ERR_RETRY; /* removed meanwhile: that seq must not be used */
		TRY(e);
		TRY(stream_store(r, &at, EV_FRIEND_UPDATED, req_own(r, json_copy(data))));
	}
	return OK;
}
