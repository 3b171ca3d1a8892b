/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages: what is said.
 *
 * Sending is in send.c. A change of an earlier message
 * is an event of its own, {room, message, seq, mid}: `message` is the message as it now is, and its
 * `rev` the seq of that event. Whoever blocks the sender gets a placeholder in place of either.
 */
#include "messages.h"

#include "attachments.h"
#include "audit.h"
#include "compose.h"
#include "db.h"
#include "history.h"
#include "members.h"
#include "mentions.h"
#include "musiclist.h"
#include "polls.h"
#include "previews.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "sql.h"

#define CHANGES_MAX 100 /* of one message */

struct message_in {
	const char *client_id;
	const char *body;
	int64_t reply_to;
	int64_t thread;
	const char *format;
	json_t *attachments;
};

static const struct field message_fields[] = {
    TEXT_FIELD(struct message_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct message_in, body, 0, SEND_BODY_MAX, 0),
    INT_FIELD(struct message_in, reply_to, 1, INT64_MAX, 0),
    INT_FIELD(struct message_in, thread, 1, INT64_MAX, 0),
    WORD_FIELD(struct message_in, format, "markdown", 0),
    IDS_FIELD(struct message_in, attachments, ATTACHMENTS_MAX, 0),
    END_FIELD,
};

struct edit_in {
	const char *body;
	const char *format;
};

static const struct field edit_fields[] = {
    TEXT_FIELD(struct edit_in, body, 1, SEND_BODY_MAX, FIELD_REQUIRED),
    WORD_FIELD(struct edit_in, format, "markdown", 0),
    END_FIELD,
};

/* Sends a message: 201 with it. The same client_id and body again: the same answer. */
enum err
messages_create(struct req *r)
{
	const uint64_t room = req_id(r, "room");
	const char *content, *files;
	struct message_in in;

	TRY(req_read(r, message_fields, &in));
	if (json_array_size(in.attachments) == 0 && (in.body == NULL || in.body[0] == '\0'))
		return req_invalid(r, "body", "is missing, and there are no attachments");
	TRY(attachments_read(r, room, in.attachments, &content, &files));
	return send_reply(r, room,
	    &(struct send){
		.client_id = in.client_id,
		.body = in.body == NULL ? "" : in.body,
		.content = content,
		.files = files,
		.reply_to = in.reply_to == FIELD_ABSENT ? 0 : (uint64_t)in.reply_to,
		.thread = in.thread == FIELD_ABSENT ? 0 : (uint64_t)in.thread,
		.markdown = in.format != NULL,
	    });
}

/* History. The newest page, or the one before a seq, or the one after a seq; always in the order of
 * seq, without what the asker has hidden. `next` goes on in the same direction. */
enum err
messages_list(struct req *r)
{
	uint64_t room = req_id(r, "room");
	struct history_page page;
	json_t *rows;

	TRY(history_page(r, room, &page));
	if (page.forward)
		TRY(sql_messages_after(
		    r, room, r->user, page.after, page.before, page.limit, &rows));
	else
		TRY(sql_messages_before(
		    r, room, r->user, page.after, page.before, page.limit, &rows));
	return history_reply(r, room, &page, rows, NULL);
}

/* One message as the asker sees it. */
static enum err
reply_message(struct req *r, uint64_t room, uint64_t seq)
{
	json_t *message, *rows = req_own(r, json_array());

	TRY(sql_message_get(r, room, seq, &message));
	(void)json_array_append(rows, message);
	TRY(history_finish(r, room, rows));
	return req_reply(r, 200, json_incref(json_array_get(rows, 0)));
}

enum err
messages_require(struct req *r, uint64_t room, uint64_t seq)
{
	json_t *row;

	TRY(rooms_require(r, room, &row));
	return seq > row_id(row, "seen_after") ? OK : ERR_NOT_FOUND;
}

enum err
messages_get(struct req *r)
{
	TRY(messages_require(r, req_id(r, "room"), req_id(r, "message")));
	return reply_message(r, req_id(r, "room"), req_id(r, "message"));
}

enum err
messages_find(struct req *r, uint64_t room, uint64_t seq, json_t **message)
{
	TRY(messages_require(r, room, seq));
	TRY(sql_message_get(r, room, seq, message));
	return json_object_get(*message, "deleted_at") == NULL ? OK : ERR_NOT_FOUND;
}

enum err
messages_hold(struct req *r, struct stream_pos *at, json_t **message)
{
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	return messages_find(r, at->id, req_id(r, "message"), message);
}

enum err
messages_announce(struct req *r, const struct stream_pos *at, uint64_t seq, enum event ev)
{
	json_t *message, *data;

	TRY(sql_message_get(r, at->id, seq, &message));
	data = req_own(r, json_pack("{s:I, s:O}", "room", (json_int_t)at->id, "message", message));
	return stream_store_change(r, at, ev, data, seq);
}

/* Whether a message is what a change would make of it. */
static bool
is_same(const json_t *message, const struct composed *text)
{
	const json_t *entities = json_object_get(message, "entities");
	json_t *now = text->entities == NULL ? NULL : json_loads(text->entities, 0, NULL);
	bool same = strcmp(row_text(message, "body"), text->body) == 0 &&
		    (now == NULL ? entities == NULL : json_equal(now, entities) != 0);

	json_decref(now);
	return same;
}

/* Keeps what a message says now (revisions.c). */
static enum err
keep_version(struct req *r, uint64_t room, uint64_t seq)
{
	json_t *row;

	TRY(sql_revisions_count(r, room, seq, &row));
	if (row_id(row, "count") >= CHANGES_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d changes of a message", CHANGES_MAX);
	return sql_revision_add(r, room, seq, NULL);
}

/* Changes the text; its sender only: 200 with the message. Who is mentioned now and was not before
 * is told as with a new one. */
enum err
messages_update(struct req *r)
{
	uint64_t seq = req_id(r, "message");
	struct stream_pos at;
	struct edit_in in;
	struct composed text;
	const char *added;
	json_t *message;

	TRY(req_read(r, edit_fields, &in));
	TRY(messages_hold(r, &at, &message));
	if (row_id(message, "sender") != r->user)
		return req_fail(r, ERR_FORBIDDEN, "only its sender may change a message");
	if (json_object_get(message, "type") != NULL)
		return req_fail(r, ERR_FORBIDDEN, "only a text can be changed");
	TRY(members_require_voice(r, at.id));
	TRY(compose_text(r, at.id, in.body, in.format != NULL, &text));
	if (is_same(message, &text)) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return reply_message(r, at.id, seq);
	}
	TRY(keep_version(r, at.id, seq));
	TRY(sql_message_edit(r, at.id, seq, at.seq, text.body, text.entities, NULL));
	TRY(mentions_replace(r, at.id, seq, text.mentions, &added));
	TRY(sql_alert_insert(r, at.id, seq, NULL));
	TRY(previews_renew(r, at.id, seq, text.entities));
	TRY(messages_announce(r, &at, seq, EV_MESSAGE_UPDATED));
	return reply_message(r, at.id, seq);
}

/* Hides a message from the asker alone; on all of the asker's screens. */
static enum err
hide(struct req *r, uint64_t room, uint64_t seq)
{
	json_t *row;
	uint64_t new;

	TRY(messages_require(r, room, seq));
	TRY(sql_message_get(r, room, seq, &row));
	TRY(sql_message_hide(r, r->user, room, seq, &new));
	if (new == 0)
		return req_reply(r, 204, NULL);
	row = json_pack("{s:I, s:I}", "room", (json_int_t)room, "message", (json_int_t)seq);
	TRY(stream_append(r, WIRE_USER, r->user, EV_MESSAGE_HIDDEN, req_own(r, row)));
	return req_reply(r, 204, NULL);
}

/* Deletes for everybody (its sender, or the room's host and moderators), or with ?scope=me hides
 * it: 204. What was said is gone from the database; a tombstone keeps the seq. */
enum err
messages_delete(struct req *r)
{
	const char *scope = query_value(&r->mem, str_of(r->query), "scope");
	uint64_t room = req_id(r, "room"), seq = req_id(r, "message");
	struct stream_pos at;
	struct musiclist music;
	json_t *message, *row;

	TRY(req_query_word(r, "scope", scope, "all|me"));
	if (scope != NULL && strcmp(scope, "me") == 0)
		return hide(r, room, seq);
	TRY(messages_hold(r, &at, &message));
	TRY(rooms_find(r, room, &row));
	if (row_id(message, "sender") != r->user) {
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
		TRY(audit_note(r, "message.deleted", room, row_id(message, "sender"),
		    json_pack("{s:I}", "message", (json_int_t)seq)));
	}
	TRY(musiclist_watch(r, room, &music));
	TRY(sql_message_erase(r, room, seq, at.seq, NULL));
	TRY(sql_attachments_erase(r, room, seq, NULL));
	TRY(sql_reactions_erase(r, room, seq, NULL));
	TRY(sql_mentions_erase(r, room, seq, NULL));
	TRY(polls_erase(r, room, seq));
	TRY(sql_revisions_erase(r, room, seq, NULL));
	TRY(sql_alerts_insert(r, room, seq, seq, NULL));
	TRY(sql_pin_delete(r, room, seq, NULL)); /* the event that follows implies it */
	TRY(messages_announce(r, &at, seq, EV_MESSAGE_DELETED));
	TRY(musiclist_settle(r, &music));
	return req_reply(r, 204, NULL);
}
