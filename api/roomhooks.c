/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/hooks and /v1/hooks: addresses that other programs post messages of a room to.
 *
 * A hook has a bot of its own, which is a member of the room and the sender of what is posted; what
 * mutes, kicks and blocks people holds for it. The secret in the address is all that a caller
 * needs; only its SHA-256 is stored, and no log tells it (serve.c, conf/nginx.conf). The body is as
 * Slack's incoming webhooks have it, so that what can post there can post here.
 */
#include "roomhooks.h"

#include "admission.h"
#include "audit.h"
#include "bots.h"
#include "db.h"
#include "erasure.h"
#include "members.h"
#include "notify.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "shared/crypt.h"
#include "sql.h"
#include "throttle.h"
#include "userlists.h"
#include "users.h"
#include "words.h"

#include <inttypes.h>

#define HOOKS_MAX    10 /* of a room */
#define TOKEN_BYTES  24
#define POSTS_MAX    60 /* of one hook in POSTS_WINDOW seconds */
#define POSTS_WINDOW 60

struct hook_in {
	const char *name;
};

static const struct field hook_fields[] = {
    TEXT_FIELD(struct hook_in, name, 1, 30, FIELD_REQUIRED | FIELD_LINE),
    END_FIELD,
};

struct post_in {
	const char *text;
	const char *client_id;
};

static const struct field post_fields[] = {
    TEXT_FIELD(struct post_in, text, 1, SEND_BODY_MAX, FIELD_REQUIRED),
    TEXT_FIELD(struct post_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_BYTES),
    END_FIELD,
};

/* Moderators see to what is posted by whom. */
static enum err
permit(struct req *r, json_t **row)
{
	TRY(rooms_find(r, req_id(r, "room"), row));
	return rooms_require_rank(r, *row, RANK_MODERATOR);
}

/* ---- making and removing ---- */

/* Makes the bot and puts it into the room, whose stream is held. */
static enum err
enter_bot(struct req *r, const struct stream_pos *at, json_t *row, const char *name, uint64_t *bot)
{
	unsigned char random[6];
	char account[5 + 2 * sizeof(random) + 1] = "hook-";
	int status;

	crypt_random(random, sizeof(random));
	crypt_hex(random, sizeof(random), account + 5);
	TRY(bots_add(r, 0, account, name, bot));
	TRY(sql_roomhook_hide(r, *bot, NULL));
	TRY(users_index(r, *bot));
	return admission_grant(r, at, row, *bot, &status);
}

/* Stores the hook and answers with it; its address is told this once. */
static enum err
store(struct req *r, uint64_t room, uint64_t bot)
{
	unsigned char secret[TOKEN_BYTES], hash[CRYPT_HASH];
	char token[CRYPT_B64_SIZE(TOKEN_BYTES)];
	json_t *row;

	crypt_random(secret, sizeof(secret));
	crypt_b64(secret, sizeof(secret), token);
	crypt_sha256(str_of(token), hash);
	TRY(sql_roomhook_insert(
	    r, room, bot, r->user, (struct str){(char *)hash, sizeof(hash)}, NULL));
	TRY(sql_roomhook_get(r, room, bot, &row));
	row = json_copy(row);
	(void)json_object_set_new(row, "token", json_string(token));
	(void)json_object_set_new(
	    row, "url", json_sprintf("%s/v1/hooks/%s", r->conf->public_url, token));
	return req_reply(r, 201, row);
}

/* Makes a hook: 201 with it. */
enum err
roomhooks_create(struct req *r)
{
	struct stream_pos at;
	struct hook_in in;
	json_t *row;
	uint64_t bot;

	TRY(req_read(r, hook_fields, &in));
	TRY(permit(r, &row)); /* others need not learn which nicknames there are */
	TRY(words_check(r, in.name));
	TRY(users_take_nickname(r, 0, in.name));
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(permit(r, &row));
	TRY(members_require_voice(r, at.id));
	TRY(enter_bot(r, &at, row, in.name, &bot));
	TRY(sql_roomhooks_count(r, at.id, &row));
	if (row_id(row, "n") >= HOOKS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d hooks to a room", HOOKS_MAX);
	TRY(audit_note(r, "hook.created", at.id, bot, NULL));
	return store(r, at.id, bot);
}

/* The hooks of a room, eldest first. There are never more than fit on a page. */
enum err
roomhooks_list(struct req *r)
{
	json_t *row, *rows;

	TRY(permit(r, &row));
	TRY(sql_roomhooks_list(r, req_id(r, "room"), &rows));
	return req_reply(r, 200, json_pack("{s:O, s:n}", "hooks", rows, "next"));
}

/* Within a transaction: the address is nothing from then on, and the bot nobody. */
static enum err
erase(struct req *r, uint64_t room, uint64_t bot)
{
	json_t *held;

	TRY(sql_session_hold_user(r, bot, &held));
	TRY(sql_roomhook_delete(r, room, bot, NULL));
	return erasure_account(r, bot);
}

/* Removes a hook, and its bot from the room: 204. What was posted stays. */
enum err
roomhooks_delete(struct req *r)
{
	uint64_t room = req_id(r, "room"), bot = req_id(r, "hook");
	json_t *row;

	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(permit(r, &row));
	TRY(sql_roomhook_get(r, room, bot, &row));
	TRY(erase(r, room, bot));
	TRY(audit_note(r, "hook.deleted", room, bot, NULL));
	TRY(db_commit(r->db));
	notify_flush(r);
	erasure_leave(r, bot);
	return req_reply(r, 204, NULL);
}

enum err
roomhooks_purge(struct req *r, uint64_t room, int64_t limit, uint64_t *rows)
{
	json_t *hooks, *hook;
	size_t i;

	TRY(db_begin(r->db));
	TRY(sql_roomhooks_some(r, room, limit, &hooks));
	json_array_foreach (hooks, i, hook)
		TRY(erase(r, room, row_id(hook, "bot")));
	*rows = json_array_size(hooks);
	return db_commit(r->db);
}

/* ---- posting ---- */

/* The body: JSON, or a form whose `payload` is that. */
static enum err
read_json(struct req *r, json_t **json)
{
	const char *payload;

	if (!req_is_form(r))
		return req_json(r, json);
	if ((payload = req_form(r, r->content, "payload")) == NULL)
		return req_invalid(r, "payload", "is required in a form");
	r->content = str_of(payload);
	return req_json(r, json);
}

/* Of the body what is of use here. Other members are for other servers, or how it shall look there.
 */
static enum err
read_post(struct req *r, struct post_in *in)
{
	const char *key = r->env.idempotency_key;
	json_t *json = NULL, *text, *id, *used = req_own(r, json_object());

	TRY(read_json(r, &json));
	if ((text = json_object_get(json, "text")) == NULL)
		text = json_object_get(json, "body");
	(void)json_object_set(used, "text", text);
	if ((id = json_object_get(json, "client_id")) != NULL)
		(void)json_object_set(used, "client_id", id);
	else if (key[0] != '\0' && json_object_set_new(used, "client_id", json_string(key)) != 0)
		return req_invalid(r, "client_id", "must be UTF-8");
	TRY(req_fields(r, post_fields, used, in));
	if (in->client_id == NULL)
		in->client_id = arena_printf(&r->mem, "%016" PRIx64, crypt_random64());
	return OK;
}

/* Finds the hook of a token. Looking for a hash takes as long for one that is nearly right. */
static enum err
find(struct req *r, json_t **hook)
{
	unsigned char hash[CRYPT_HASH];

	crypt_sha256(str_of(req_text(r, "token")), hash);
	return sql_roomhook_find(r, (struct str){(char *)hash, sizeof(hash)}, hook);
}

/* Posts a message: 200 with it. The same client_id (or Idempotency-Key) and text again: the same
 * answer. */
enum err
roomhooks_post(struct req *r)
{
	struct stream_pos at;
	struct str message;
	struct post_in in;
	json_t *hook;

	TRY(find(r, &hook));
	r->user = row_id(hook, "bot");
	TRY(throttle_take(
	    r, arena_printf(&r->mem, "hook:%" PRIu64, r->user), POSTS_MAX, POSTS_WINDOW));
	TRY(read_post(r, &in));
	TRY(send_message(r, row_id(hook, "room"),
	    &(struct send){.client_id = in.client_id, .body = in.text}, &at, &message));
	return req_reply_text(r, 200, message);
}
