/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/polls: questions with a choice of answers.
 *
 * A poll is a message of the type "poll", whose content says what was asked, for good. How it
 * stands is in the table poll: what everybody was told last, so that a page of history and the
 * events after it never disagree. A vote (votes.c) is told at once where nothing was told of that
 * poll within the last second; where many vote, the feeder tells once a second how it stands by
 * then: poll.voted {room, message, counts, voters}.
 */
#include "polls.h"

#include "db.h"
#include "field.h"
#include "messages.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "shared/clock.h"
#include "sql.h"
#include "words.h"

#include <inttypes.h>

#define SEQS_SIZE 8192 /* of a page of messages, or of all pins */

struct poll_in {
	const char *client_id;
	const char *question;
	json_t *options;
	int64_t multiple;
	int64_t anonymous;
	const char *closes_at;
};

static const struct field poll_fields[] = {
    TEXT_FIELD(struct poll_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct poll_in, question, 1, POLL_QUESTION_MAX, FIELD_REQUIRED | FIELD_LINE),
    LIST_FIELD(
	struct poll_in, options, POLL_OPTIONS_MAX, POLL_OPTION_MAX, FIELD_REQUIRED | FIELD_LINE),
    BOOL_FIELD(struct poll_in, multiple, 0),
    BOOL_FIELD(struct poll_in, anonymous, 0),
    TIME_FIELD(struct poll_in, closes_at, 0),
    END_FIELD,
};

/* ---- asking ---- */

/* As many zeros as there are options: JSON as text. */
static const char *
zeros(struct req *r, size_t n)
{
	const char *text = "[0";

	for (size_t i = 1; i < n; i++)
		text = arena_printf(&r->mem, "%s,0", text);
	return arena_printf(&r->mem, "%s]", text);
}

/* Masks what is to be masked. Who may not write here does not learn the words. */
static enum err
filter(struct req *r, uint64_t room, struct poll *p)
{
	json_t *row, *masked = req_own(r, json_array());
	const char *text;

	TRY(rooms_require(r, room, &row));
	TRY(words_filter(r, room, &p->question));
	for (size_t i = 0; i < json_array_size(p->options); i++) {
		text = json_string_value(json_array_get(p->options, i));
		TRY(words_filter(r, room, &text));
		(void)json_array_append_new(masked, json_string(text));
	}
	p->options = masked;
	return OK;
}

enum err
polls_send(struct req *r, uint64_t room, const struct poll *given, struct stream_pos *at,
    struct str *message)
{
	struct poll p = *given;
	const char *content;
	json_t *asked;

	TRY(filter(r, room, &p));
	asked = json_pack("{s:s, s:O, s:b, s:b, s:s*}", "question", p.question, "options",
	    p.options, "multiple", p.multiple, "anonymous", p.anonymous, "closes_at", p.closes_at);
	TRY(req_dump(r, req_own(r, json_pack("{s:o}", "poll", asked)), &content));
	TRY(send_message(r, room,
	    &(struct send){
		.client_id = p.client_id, .body = p.question, .type = "poll", .content = content},
	    at, message));
	/* A crash here leaves a poll that polls_hold() finishes, or a repetition of the call. */
	return sql_poll_insert(
	    r, room, at->seq, zeros(r, json_array_size(p.options)), p.closes_at, NULL);
}

/* Sends a poll: 201 with the message. The same client_id and poll again: the same answer. */
enum err
polls_create(struct req *r)
{
	char now[CLOCK_TEXT_SIZE];
	struct stream_pos at;
	struct str message;
	struct poll_in in;

	TRY(req_read(r, poll_fields, &in));
	clock_text(clock_wall(), now);
	if (json_array_size(in.options) < POLL_OPTIONS_MIN)
		(void)req_invalid(r, "options", "must be at least two");
	if (in.closes_at != NULL && strcmp(in.closes_at, now) <= 0)
		(void)req_invalid(r, "closes_at", "must be in the future");
	if (json_array_size(r->problems) > 0)
		return ERR_INVALID;
	TRY(polls_send(r, req_id(r, "room"),
	    &(struct poll){in.client_id, in.question, in.options, in.multiple == 1,
		in.anonymous == 1, in.closes_at},
	    &at, &message));
	return req_reply_text(r, 201, message);
}

/* ---- how it stands ---- */

static bool
is_poll(const json_t *message)
{
	return strcmp(row_text(message, "type"), "poll") == 0 &&
	       json_object_get(message, "deleted_at") == NULL;
}

static json_t *
asked_by(const json_t *message)
{
	return is_poll(message) ? json_object_get(json_object_get(message, "content"), "poll")
				: NULL;
}

/* The row, which a crash may have kept from being written. */
static enum err
read_row(struct req *r, struct poll_held *h)
{
	enum err e = sql_poll_get(r, r->user, h->room, h->message, &h->stands);

	if (e != ERR_NOT_FOUND)
		return e;
	TRY(sql_poll_insert(r, h->room, h->message,
	    zeros(r, json_array_size(json_object_get(h->asked, "options"))),
	    json_string_value(json_object_get(h->asked, "closes_at")), NULL));
	return sql_poll_get(r, r->user, h->room, h->message, &h->stands);
}

/* The poll, which the asker was let see. */
static enum err
find(struct req *r, struct poll_held *h)
{
	TRY(sql_message_get(r, h->room, h->message, &h->said));
	h->asked = asked_by(h->said);
	return h->asked == NULL ? ERR_NOT_FOUND : read_row(r, h);
}

enum err
polls_hold(struct req *r, struct poll_held *h)
{
	h->room = req_id(r, "room");
	h->message = req_id(r, "message");
	TRY(stream_hold(r, WIRE_ROOM, h->room));
	TRY(messages_require(r, h->room, h->message));
	return find(r, h);
}

/* How it stands, without what is only for deciding. */
static json_t *
shown(json_t *row)
{
	(void)json_object_del(row, "told");
	(void)json_object_del(row, "over");
	return json_incref(row);
}

enum err
polls_get(struct req *r)
{
	struct poll_held h = {.room = req_id(r, "room"), .message = req_id(r, "message")};

	TRY(messages_require(r, h.room, h.message));
	TRY(find(r, &h));
	return req_reply(r, 200, shown(h.stands));
}

/* Gives the messages, and the rows of some of them, both in the order of seq, to each other. */
static void
join(json_t *messages, json_t *rows)
{
	json_t *message, *row;
	size_t i, k = 0;

	json_array_foreach (messages, i, message) {
		row = json_array_get(rows, k);
		if (row == NULL || row_id(row, "message") != row_id(message, "seq"))
			continue;
		(void)json_object_del(row, "message");
		(void)json_object_set(message, "poll", row);
		k++;
	}
}

enum err
polls_attach(struct req *r, uint64_t room, json_t *messages)
{
	struct buf *seqs = req_buf(r, SEQS_SIZE);
	json_t *message, *rows;
	size_t i;

	json_array_foreach (messages, i, message) {
		if (is_poll(message))
			buf_printf(
			    seqs, "%c%" PRIu64, seqs->n == 0 ? '[' : ',', row_id(message, "seq"));
	}
	if (seqs->n == 0)
		return OK;
	buf_addch(seqs, ']');
	TRY(sql_polls_among(r, room, r->user, arena_strndup(&r->mem, seqs->p, seqs->n), &rows));
	join(messages, rows);
	return OK;
}

/* ---- telling ---- */

/* How many chose each option, as JSON. */
static enum err
tally(struct req *r, const struct poll_held *h, json_t **counts)
{
	size_t n = json_array_size(json_object_get(h->asked, "options")), i;
	json_t *rows, *row;

	*counts = req_own(r, json_array());
	while (json_array_size(*counts) < n)
		(void)json_array_append_new(*counts, json_integer(0));
	TRY(sql_poll_tally(r, h->room, h->message, &rows));
	json_array_foreach (rows, i, row)
		(void)json_array_set(*counts, row_id(row, "choice"), json_object_get(row, "count"));
	return OK;
}

enum err
polls_tell(struct req *r, const struct poll_held *h, enum event ev)
{
	json_t *counts, *row, *data;
	struct stream_pos at;
	const char *text;

	TRY(stream_next(r, WIRE_ROOM, h->room, &at));
	TRY(tally(r, h, &counts));
	TRY(req_dump(r, counts, &text));
	TRY(sql_poll_voters(r, h->room, h->message, &row));
	TRY(sql_poll_told(r, h->room, h->message, text, row_id(row, "voters"), NULL));
	if (ev == EV_POLL_CLOSED)
		TRY(sql_poll_close(r, h->room, h->message, NULL));
	TRY(sql_poll_get(r, r->user, h->room, h->message, &row));
	data = req_own(r, shown(row));
	(void)json_object_del(data, "mine");
	return stream_store(r, &at, ev, data);
}

/* Closes a poll before its time; who asked, and moderators: 204, also if it was closed already. */
enum err
polls_close(struct req *r)
{
	struct poll_held h;
	json_t *row;

	TRY(polls_hold(r, &h));
	TRY(rooms_find(r, h.room, &row));
	if (row_id(h.said, "sender") != r->user)
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	if (json_object_get(h.stands, "closed_at") == NULL)
		TRY(polls_tell(r, &h, EV_POLL_CLOSED));
	return req_reply(r, 204, NULL);
}

enum err
polls_erase(struct req *r, uint64_t room, uint64_t message)
{
	TRY(sql_votes_erase(r, room, message, NULL));
	return sql_poll_delete(r, room, message, NULL);
}

/* ---- later ---- */

/* A poll whose room or message is gone takes its row along: purge.c and retention.c may not be done
 * yet. */
static enum err
settle(struct req *r, struct poll_held *h, enum event ev)
{
	json_t *row;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, h->room));
	if ((e = sql_room_get(r, r->user, h->room, &row)) == OK)
		e = find(r, h);
	if (e == ERR_NOT_FOUND)
		TRY(polls_erase(r, h->room, h->message));
	else if (e == OK && json_object_get(h->stands, "closed_at") == NULL)
		e = polls_tell(r, h, ev);
	TRY(e == ERR_NOT_FOUND ? OK : e);
	return db_commit(r->db);
}

bool
polls_step(struct req *r)
{
	enum event ev = EV_POLL_CLOSED;
	struct poll_held h = {0};
	json_t *row;
	enum err e;

	if (db_ready(r->db) != OK)
		return false;
	if ((e = sql_poll_due(r, &row)) == ERR_NOT_FOUND) {
		ev = EV_POLL_VOTED;
		e = sql_poll_untold(r, &row);
	}
	if (e != OK)
		return false;
	h.room = row_id(row, "room");
	h.message = row_id(row, "message");
	e = settle(r, &h, ev);
	db_rollback(r->db);
	if (e == OK)
		notify_flush(r);
	r->notices = NULL; /* of what did not happen */
	return e == OK;
}
