/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages: what is said.
 *
 * Sending is the hot path: one round trip to the database (message_send in schema.sql), then one
 * packet to push with the very bytes that every client will receive. A change of an earlier message
 * is an event of its own, {room, message, seq, mid}: `message` is the message as it now is, and its
 * `rev` the seq of that event. Whoever blocks the sender gets a placeholder in place of either.
 */
#include "messages.h"

#include "audit.h"
#include "blocks.h"
#include "db.h"
#include "members.h"
#include "page.h"
#include "query.h"
#include "reactions.h"
#include "rooms.h"
#include "route.h"
#include "sessions.h"
#include "shared/crash.h"
#include "shared/crypt.h"
#include "sql.h"
#include "wordlists.h"
#include "words.h"

#include <inttypes.h>

#define BODY_MAX      4000
#define CLIENT_ID_MAX 64

struct message_in {
	const char *client_id;
	const char *body;
	int64_t reply_to;
};

static const struct field message_fields[] = {
    TEXT_FIELD(struct message_in, client_id, 1, CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct message_in, body, 1, BODY_MAX, FIELD_REQUIRED),
    INT_FIELD(struct message_in, reply_to, 1, INT64_MAX, 0),
    END_FIELD,
};

struct edit_in {
	const char *body;
};

static const struct field edit_fields[] = {
    TEXT_FIELD(struct edit_in, body, 1, BODY_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* Why the procedure refused. */
static enum err
refusal(struct req *r, const json_t *answer, uint64_t room)
{
	const char *outcome = row_text(answer, "outcome"), *until = row_text(answer, "created_at");
	json_t *row;

	if (strcmp(outcome, "no_session") == 0)
		return ERR_UNAUTHENTICATED;
	if (strcmp(outcome, "reused") == 0)
		return ERR_CLIENT_ID_REUSED;
	if (strcmp(outcome, "no_reply") == 0)
		return req_invalid(r, "reply_to", "is no message of this room");
	if (strcmp(outcome, "muted") == 0)
		return req_fail(r, ERR_MUTED, "until %s", until);
	if (strcmp(outcome, "unsendable") == 0)
		return ERR_NOT_SENDABLE;
	if (strcmp(outcome, "slow") == 0) {
		r->retry_after = (unsigned)row_id(answer, "seq");
		return req_fail(r, ERR_SLOW_MODE, "until %s", until);
	}
	TRY(rooms_require(r, room, &row));
	return ERR_RETRY; /* joined in between */
}

/* The message as it was just stored, as text: it is written once, for the answer and for everybody.
 * Rows of the table look the same (tests compare them). */
static struct str
describe(struct req *r, const struct stream_pos *at, const struct message_in *in, const char *time)
{
	struct buf *out = req_buf(r, WIRE_MAX);

	buf_printf(out,
	    "{\"room\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"mid\":\"%" PRIu64 "\",\"sender\":%" PRIu64
	    ",\"client_id\":\"",
	    at->id, at->seq, at->mid, r->user);
	buf_addjson(out, in->client_id, strlen(in->client_id));
	buf_addstr(out, "\",\"body\":\"");
	buf_addjson(out, in->body, strlen(in->body));
	buf_printf(out, "\",\"created_at\":\"%s\"", time);
	if (in->reply_to != FIELD_ABSENT)
		buf_printf(out, ",\"reply_to\":%" PRId64, in->reply_to);
	buf_addch(out, '}');
	return (struct str){out->p, out->n};
}

/* Refuses a text with a word that is not wanted, unless it was sent before there was that word: a
 * repeated call is held up by nothing that came later. Who may not write here does not learn the
 * words. */
static enum err
refuse_word(struct req *r, uint64_t room, const struct message_in *in)
{
	json_t *row;
	enum err e;

	TRY(sessions_require(r));
	TRY(rooms_require(r, room, &row));
	e = sql_message_known(r, room, r->user, in->client_id, &row);
	return e == ERR_NOT_FOUND ? ERR_REFUSED_WORD : e;
}

static enum err
send_text(struct req *r, const struct stream_pos *at, struct message_in *in, const char *body,
    json_t **row, bool *reused)
{
	uint64_t reply_to = in->reply_to == FIELD_ABSENT ? 0 : (uint64_t)in->reply_to;

	in->body = body;
	TRY(sql_message_send(
	    r, r->user, r->session, at->id, in->client_id, body, at->mid, reply_to, row));
	*reused = strcmp(row_text(*row, "outcome"), "reused") == 0;
	return OK;
}

/* Stores the message, with stars for masked words; in->body is what was stored then. What was
 * stored under this client_id before may have been masked by other words: before one was added, or
 * by a worker that had heard of it already. */
static enum err
send(struct req *r, const struct stream_pos *at, struct message_in *in, json_t **row)
{
	const char *said = in->body, *body = said;
	enum err e = words_filter(r, at->id, &body);
	bool reused;

	TRY(e == ERR_REFUSED_WORD ? refuse_word(r, at->id, in) : e);
	CRASH_POINT("api.before_begin");
	TRY(send_text(r, at, in, body, row, &reused));
	if (reused && body != said)
		TRY(send_text(r, at, in, said, row, &reused));
	if (!reused)
		return OK;
	wordlists_forget();
	body = said;
	if (words_filter(r, at->id, &body) == OK && body != said)
		TRY(send_text(r, at, in, body, row, &reused));
	return OK;
}

/* Sends a message: 201 with it. The same client_id and body again: the same answer. */
enum err
messages_create(struct req *r)
{
	struct stream_pos at = {WIRE_ROOM, req_id(r, "room"), 0, crypt_random64(), 0};
	struct message_in in;
	struct str message;
	bool repeated;
	json_t *row;

	TRY(req_read(r, message_fields, &in));
	TRY(send(r, &at, &in, &row));
	if (strcmp(row_text(row, "outcome"), "ok") != 0)
		return refusal(r, row, at.id);
	at.seq = row_id(row, "seq");
	repeated = row_id(row, "mid") != at.mid;
	at.mid = row_id(row, "mid");
	at.prev = row_id(row, "prev");
	message = describe(r, &at, &in, row_text(row, "created_at"));
	if (!repeated)
		notify_text(r, &at, EV_MESSAGE_CREATED, message);
	return req_reply_text(r, 201, message);
}

/* Turns a page that was read backwards into the order of seq. */
static json_t *
reversed(struct req *r, json_t *rows)
{
	json_t *out = req_own(r, json_array());

	for (size_t i = json_array_size(rows); i > 0; i--)
		(void)json_array_append(out, json_array_get(rows, i - 1));
	return out;
}

/* History. The newest page, or the one before a seq, or the one after a seq; always in the order of
 * seq, without what the asker has hidden. `next` goes on in the same direction. */
enum err
messages_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), before, after, from, limit;
	json_t *row, *rows, *next = NULL;
	struct stream_pos head;
	bool forward;

	TRY(req_query_number(r, "before", PAGE_END, PAGE_END, &before));
	TRY(req_query_number(r, "after", PAGE_END, PAGE_END, &after));
	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &limit));
	limit = limit == 0 ? 1 : limit;
	forward = after != PAGE_END;
	TRY(stream_head(r, WIRE_ROOM, room, &head));
	TRY(rooms_require(r, room, &row));
	before = before > head.seq ? head.seq + 1 : before;
	from = row_id(row, "seen_after");
	if (forward && after > from)
		from = after;
	if (forward)
		TRY(sql_messages_after(r, room, r->user, from, before, (int64_t)limit + 1, &rows));
	else
		TRY(sql_messages_before(r, room, r->user, from, before, (int64_t)limit + 1, &rows));
	if (json_array_size(rows) > limit) {
		(void)json_array_remove(rows, limit);
		next = json_object_get(json_array_get(rows, limit - 1), "seq");
	}
	rows = forward ? rows : reversed(r, rows);
	TRY(reactions_attach(r, room, rows));
	TRY(blocks_veil(r, rows));
	return req_reply(r, 200, json_pack("{s:O, s:O?}", "messages", rows, "next", next));
}

/* One message as the asker sees it. */
static enum err
reply_message(struct req *r, uint64_t room, uint64_t seq)
{
	json_t *message, *rows = req_own(r, json_array());

	TRY(sql_message_get(r, room, seq, &message));
	(void)json_array_append(rows, message);
	TRY(reactions_attach(r, room, rows));
	TRY(blocks_veil(r, rows));
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
messages_hold(struct req *r, struct stream_pos *at, json_t **message)
{
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	TRY(messages_require(r, at->id, req_id(r, "message")));
	TRY(sql_message_get(r, at->id, req_id(r, "message"), message));
	return json_object_get(*message, "deleted_at") == NULL ? OK : ERR_NOT_FOUND;
}

/* Stores and announces the message as it is after a change. */
static enum err
announce(struct req *r, const struct stream_pos *at, uint64_t seq, enum event ev)
{
	json_t *message, *data;

	TRY(sql_message_get(r, at->id, seq, &message));
	data = req_own(r, json_pack("{s:I, s:O}", "room", (json_int_t)at->id, "message", message));
	return stream_store_change(r, at, ev, data, seq);
}

/* Changes the text; its sender only: 200 with the message. */
enum err
messages_update(struct req *r)
{
	uint64_t seq = req_id(r, "message");
	struct stream_pos at;
	struct edit_in in;
	json_t *message;

	TRY(req_read(r, edit_fields, &in));
	TRY(messages_hold(r, &at, &message));
	if (row_id(message, "sender") != r->user)
		return req_fail(r, ERR_FORBIDDEN, "only its sender may change a message");
	TRY(members_require_voice(r, at.id));
	TRY(words_filter(r, at.id, &in.body));
	if (strcmp(row_text(message, "body"), in.body) == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return reply_message(r, at.id, seq);
	}
	TRY(sql_message_edit(r, at.id, seq, at.seq, in.body, NULL));
	TRY(announce(r, &at, seq, EV_MESSAGE_UPDATED));
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
	TRY(sql_message_erase(r, room, seq, at.seq, NULL));
	TRY(sql_reactions_erase(r, room, seq, NULL));
	TRY(sql_pin_delete(r, room, seq, NULL)); /* the event that follows implies it */
	TRY(announce(r, &at, seq, EV_MESSAGE_DELETED));
	return req_reply(r, 204, NULL);
}
