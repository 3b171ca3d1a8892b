/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/reactions: a person can put each emoji on a message once.
 *
 * The event says who, which, and how many there are now: {room, message, emoji, user, count, rev}.
 * In a room of more than `named_reactions` members that would be an event for each of them. There
 * reactions.counted {room, message, reactions: [{emoji, count}], rev} tells how many there are, at
 * once where nothing was told of that message within the last second, else by the feeder, of all
 * that came meanwhile; and the own stream tells one's own devices what one has chosen,
 * reaction.chosen {room, message, emoji, chosen}.
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

/* Holds the room, and reads the emoji; ERR_NOT_FOUND if the message was deleted. */
static enum err
hold(struct req *r, const char **emoji)
{
	json_t *message;

	TRY(read_emoji(r, emoji));
	TRY(stream_hold(r, WIRE_ROOM, req_id(r, "room")));
	return messages_find(r, req_id(r, "room"), req_id(r, "message"), &message);
}

static enum err
tell_named(struct req *r, enum event ev, const char *emoji)
{
	uint64_t message = req_id(r, "message");
	struct stream_pos at;
	json_t *row, *data;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(sql_reaction_count(r, at.id, message, emoji, &row));
	data = req_own(
	    r, json_pack("{s:I, s:I, s:s, s:I, s:O, s:I}", "room", (json_int_t)at.id, "message",
		   (json_int_t)message, "emoji", emoji, "user", (json_int_t)r->user, "count",
		   json_object_get(row, "count"), "rev", (json_int_t)at.seq));
	return stream_store(r, &at, ev, data);
}

static enum err
tell_counts(struct req *r, uint64_t room, uint64_t message)
{
	struct stream_pos at;
	json_t *rows, *data;

	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(sql_reaction_counts(r, room, message, &rows));
	data = req_own(r, json_pack("{s:I, s:I, s:O, s:I}", "room", (json_int_t)room, "message",
			      (json_int_t)message, "reactions", rows, "rev", (json_int_t)at.seq));
	TRY(stream_store(r, &at, EV_REACTIONS_COUNTED, data));
	/* Last, so that the second until the next one begins after the time of this one. */
	return sql_reaction_tell(r, room, message, NULL);
}

static enum err
tell(struct req *r, const char *emoji, bool chosen)
{
	uint64_t room = req_id(r, "room"), message = req_id(r, "message");
	json_t *row, *data;

	TRY(sql_reaction_crowd(r, room, message, &row));
	if ((int64_t)row_id(row, "members") <= r->conf->named_reactions)
		return tell_named(r, chosen ? EV_REACTION_ADDED : EV_REACTION_REMOVED, emoji);
	if (json_is_true(json_object_get(row, "told")))
		TRY(sql_reaction_mark(r, room, message, NULL));
	else
		TRY(tell_counts(r, room, message));
	data = json_pack("{s:I, s:I, s:s, s:b}", "room", (json_int_t)room, "message",
	    (json_int_t)message, "emoji", emoji, "chosen", chosen);
	return stream_append(r, WIRE_USER, r->user, EV_REACTION_CHOSEN, req_own(r, data));
}

/* 204, also if it was there already. */
enum err
reactions_add(struct req *r)
{
	uint64_t room = req_id(r, "room"), message = req_id(r, "message"), new;
	const char *emoji;
	json_t *row;

	TRY(hold(r, &emoji));
	TRY(members_require_voice(r, room));
	TRY(sql_reaction_kinds(r, room, message, emoji, &row));
	if (row_id(row, "others") >= EMOJI_PER_MESSAGE)
		return req_fail(
		    r, ERR_CONFLICT, "at most %d different emoji on a message", EMOJI_PER_MESSAGE);
	TRY(sql_reaction_insert(r, room, message, emoji, r->user, &new));
	if (new > 0)
		TRY(tell(r, emoji, true));
	return req_reply(r, 204, NULL);
}

/* 204, also if there was none. */
enum err
reactions_remove(struct req *r)
{
	const char *emoji;
	uint64_t gone;

	TRY(hold(r, &emoji));
	TRY(sql_reaction_delete(r, req_id(r, "room"), req_id(r, "message"), emoji, r->user, &gone));
	if (gone > 0)
		TRY(tell(r, emoji, false));
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

/* ---- later ---- */

/* Tells how many there are; of a message that is gone there is nothing to tell. */
static enum err
settle(struct req *r, uint64_t room, uint64_t message)
{
	json_t *row;
	enum err e;

	TRY(db_begin(r->db));
	if ((e = stream_hold(r, WIRE_ROOM, room)) == OK)
		e = sql_message_get(r, room, message, &row);
	if (e == ERR_NOT_FOUND || (e == OK && json_object_get(row, "deleted_at") != NULL))
		TRY(sql_reaction_untell(r, room, message, NULL));
	else
		TRY(e == OK ? tell_counts(r, room, message) : e);
	return db_commit(r->db);
}

bool
reactions_step(struct req *r)
{
	json_t *row;
	enum err e;

	if (db_ready(r->db) != OK || sql_reaction_due(r, &row) != OK)
		return false;
	if (json_is_true(json_object_get(row, "untold")))
		e = settle(r, row_id(row, "room"), row_id(row, "message"));
	else
		e = sql_reaction_forget(r, row_id(row, "room"), row_id(row, "message"), NULL);
	db_rollback(r->db);
	if (e == OK)
		notify_flush(r);
	r->notices = NULL; /* of what did not happen */
	return e == OK;
}
