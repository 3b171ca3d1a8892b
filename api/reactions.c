/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/reactions: a person can put each emoji on a message once.
 *
 * The event says who, which, and how many there are now: {room, message, emoji, user, count, rev}.
 */
#include "reactions.h"

#include "db.h"
#include "members.h"
#include "messages.h"
#include "page.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "users.h"

#define EMOJI_MAX         64 /* bytes; the longest of Unicode 15 have 35 */
#define EMOJI_PER_MESSAGE 50

void
reactions_join(json_t *messages, json_t *rows)
{
	size_t n = json_array_size(messages), i = 0, k;
	json_t *row, *list;

	json_array_foreach (rows, k, row) {
		while (i < n && row_id(json_array_get(messages, i), "seq") < row_id(row, "message"))
			i++;
		if (i == n)
			break;
		if (row_id(json_array_get(messages, i), "seq") != row_id(row, "message"))
			continue; /* of a message that the asker has hidden */
		list = json_object_get(json_array_get(messages, i), "reactions");
		if (list == NULL) {
			list = json_array();
			(void)json_object_set_new(json_array_get(messages, i), "reactions", list);
		}
		(void)json_object_del(row, "message");
		(void)json_array_append(list, row);
	}
}

enum err
reactions_attach(struct req *r, uint64_t room, json_t *messages)
{
	size_t n = json_array_size(messages);
	json_t *rows;

	if (n == 0)
		return OK;
	TRY(sql_reactions_list(r, room, r->user, row_id(json_array_get(messages, 0), "seq"),
	    row_id(json_array_get(messages, n - 1), "seq"), &rows));
	reactions_join(messages, rows);
	return OK;
}

/* The emoji in the path: some visible UTF-8, whatever it shows. */
static enum err
read_emoji(struct req *r, const char **out)
{
	const char *s = req_text(r, "emoji");
	bool ok = users_is_text(s) && *s != '\0' && strlen(s) <= EMOJI_MAX;

	for (*out = s; *s != '\0'; s++)
		ok = ok && (unsigned char)*s > 0x20 && *s != 0x7f;
	return ok ? OK : req_invalid(r, "emoji", "must be one emoji");
}

static enum err
announce(struct req *r, const struct stream_pos *at, enum event ev, const char *emoji)
{
	uint64_t message = req_id(r, "message");
	json_t *row, *data;

	TRY(sql_reaction_count(r, at->id, message, emoji, &row));
	data = req_own(
	    r, json_pack("{s:I, s:I, s:s, s:I, s:O, s:I}", "room", (json_int_t)at->id, "message",
		   (json_int_t)message, "emoji", emoji, "user", (json_int_t)r->user, "count",
		   json_object_get(row, "count"), "rev", (json_int_t)at->seq));
	return stream_store(r, at, ev, data);
}

/* 204, also if it was there already. */
enum err
reactions_add(struct req *r)
{
	struct stream_pos at;
	const char *emoji;
	json_t *message, *row;
	uint64_t new;

	TRY(read_emoji(r, &emoji));
	TRY(messages_hold(r, &at, &message));
	TRY(members_require_voice(r, at.id));
	TRY(sql_reaction_kinds(r, at.id, req_id(r, "message"), emoji, &row));
	if (row_id(row, "others") >= EMOJI_PER_MESSAGE)
		return req_fail(
		    r, ERR_CONFLICT, "at most %d different emoji on a message", EMOJI_PER_MESSAGE);
	TRY(sql_reaction_insert(r, at.id, req_id(r, "message"), emoji, r->user, &new));
	if (new == 0)
		db_rollback(r->db); /* nothing happened, so no seq is used */
	else
		TRY(announce(r, &at, EV_REACTION_ADDED, emoji));
	return req_reply(r, 204, NULL);
}

/* 204, also if there was none. */
enum err
reactions_remove(struct req *r)
{
	struct stream_pos at;
	const char *emoji;
	json_t *message;
	uint64_t gone;

	TRY(read_emoji(r, &emoji));
	TRY(messages_hold(r, &at, &message));
	TRY(sql_reaction_delete(r, at.id, req_id(r, "message"), emoji, r->user, &gone));
	if (gone == 0)
		db_rollback(r->db);
	else
		TRY(announce(r, &at, EV_REACTION_REMOVED, emoji));
	return req_reply(r, 204, NULL);
}

/* Who put an emoji on a message, by their ids, without those whom the asker blocks. */
enum err
reactions_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), message = req_id(r, "message");
	struct page page;
	const char *emoji;
	json_t *rows;

	TRY(read_emoji(r, &emoji));
	TRY(page_read(r, 0, &page));
	TRY(messages_require(r, room, message));
	TRY(sql_message_get(r, room, message, &rows));
	TRY(sql_reaction_users(
	    r, room, message, emoji, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "users", rows, &page, "id");
}
