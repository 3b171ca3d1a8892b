/* SPDX-License-Identifier: MIT */
/* See send.h. */
#include "send.h"

#include "alerts.h"
#include "compose.h"
#include "previews.h"
#include "rooms.h"
#include "sessions.h"
#include "shared/crash.h"
#include "shared/crypt.h"
#include "sql.h"
#include "wordlists.h"
#include "words.h"

#include <inttypes.h>

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
	if (strcmp(outcome, "no_thread") == 0)
		return req_invalid(r, "thread", "is no message that can be answered in a thread");
	if (strcmp(outcome, "no_file") == 0)
		return req_invalid(r, "attachments", "has a file that is no longer there");
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

/* What only some messages have. */
static void
describe_rest(struct buf *out, const struct send *m)
{
	if (m->type != NULL)
		buf_printf(out, ",\"type\":\"%s\"", m->type);
	if (m->reply_to != 0)
		buf_printf(out, ",\"reply_to\":%" PRIu64, m->reply_to);
	if (m->thread != 0)
		buf_printf(out, ",\"thread\":%" PRIu64, m->thread);
	if (m->entities != NULL)
		buf_printf(out, ",\"entities\":%s", m->entities);
	if (m->content != NULL)
		buf_printf(out, ",\"content\":%s", m->content);
}

/* The message as it was just stored, as text: it is written once, for the answer and for everybody.
 * Rows of the table look the same (tests compare them). */
static struct str
describe(struct req *r, const struct stream_pos *at, const struct send *m, const char *time)
{
	struct buf *out = req_buf(r, WIRE_MAX);

	buf_printf(out,
	    "{\"room\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"mid\":\"%" PRIu64 "\",\"sender\":%" PRIu64
	    ",\"client_id\":\"",
	    at->id, at->seq, at->mid, r->user);
	buf_addjson(out, m->client_id, strlen(m->client_id));
	buf_addstr(out, "\",\"body\":\"");
	buf_addjson(out, m->body, strlen(m->body));
	buf_printf(out, "\",\"created_at\":\"%s\"", time);
	describe_rest(out, m);
	buf_addch(out, '}');
	return (struct str){out->p, out->n};
}

/* Refuses a text with a word that is not wanted, unless it was sent before there was that word: a
 * repeated call is held up by nothing that came later. Who may not write here does not learn the
 * words. */
static enum err
refuse_word(struct req *r, uint64_t room, const struct send *m)
{
	json_t *row;
	enum err e;

	if (r->session != 0)
		TRY(sessions_require(r));
	TRY(rooms_require(r, room, &row));
	e = sql_message_known(r, room, r->user, m->client_id, &row);
	return e == ERR_NOT_FOUND ? ERR_REFUSED_WORD : e;
}

static enum err
store_text(
    struct req *r, const struct stream_pos *at, struct send *m, const char *body, json_t **row)
{
	m->body = body;
	return sql_message_send(r, r->user, r->session, at->id, m->client_id, body, at->mid,
	    m->reply_to, m->type, m->entities, m->content, m->mentions, m->thread, m->files, row);
}

static bool
is_reused(const json_t *row)
{
	return strcmp(row_text(row, "outcome"), "reused") == 0;
}

/* A text that was composed before; what is known of it no longer holds where words are masked. */
static enum err
compose_verbatim(struct req *r, uint64_t room, const struct send *m, struct composed *out)
{
	*out = (struct composed){.plain = m->body, .body = m->body};
	TRY(words_filter(r, room, &out->body));
	out->entities = out->body == m->body ? m->entities : NULL;
	return OK;
}

/* Makes what is to be stored of what was said. */
static enum err
compose(struct req *r, uint64_t room, struct send *m, const char **plain)
{
	struct composed text;
	enum err e = m->verbatim ? compose_verbatim(r, room, m, &text)
				 : compose_text(r, room, m->body, m->markdown, &text);

	TRY(e == ERR_REFUSED_WORD ? refuse_word(r, room, m) : e);
	*plain = text.plain;
	m->body = text.body;
	m->entities = text.entities;
	m->mentions = text.mentions;
	return OK;
}

/* Stores the message, with stars for masked words; m->body is what was stored then. What was stored
 * under this client_id before may have been masked by other words: before one was added, or by a
 * worker that had heard of it already. */
static enum err
store(struct req *r, const struct stream_pos *at, struct send *m, json_t **row)
{
	const char *plain, *body;

	TRY(compose(r, at->id, m, &plain));
	body = m->body;
	CRASH_POINT("api.before_begin");
	TRY(store_text(r, at, m, body, row));
	if (is_reused(*row) && body != plain)
		TRY(store_text(r, at, m, plain, row));
	if (!is_reused(*row))
		return OK;
	wordlists_forget();
	body = plain;
	if (words_filter(r, at->id, &body) == OK && body != plain)
		TRY(store_text(r, at, m, body, row));
	return OK;
}

/* What the first of two equal calls found in the text is what is there, whoever has joined since.
 */
static void
recall(struct req *r, struct send *m, const json_t *row)
{
	const char *first = json_string_value(json_object_get(row, "entities"));

	if (first != NULL)
		m->entities = *first == '\0' ? NULL : arena_strdup(&r->mem, first);
}

enum err
send_message(
    struct req *r, uint64_t room, const struct send *m, struct stream_pos *at, struct str *message)
{
	struct send stored = *m;
	bool repeated;
	json_t *row;

	*at = (struct stream_pos){WIRE_ROOM, room, 0, crypt_random64(), 0};
	TRY(store(r, at, &stored, &row));
	if (strcmp(row_text(row, "outcome"), "ok") != 0)
		return refusal(r, row, room);
	at->seq = row_id(row, "seq");
	repeated = row_id(row, "mid") != at->mid;
	at->mid = row_id(row, "mid");
	at->prev = row_id(row, "prev");
	recall(r, &stored, row);
	*message = describe(r, at, &stored, row_text(row, "created_at"));
	if (repeated)
		return OK;
	notify_text(r, at, EV_MESSAGE_CREATED, *message);
	(void)previews_ask(r, room, at->seq, stored.entities);
	if (stored.mentions != NULL || stored.reply_to != 0)
		alerts_run(r, room, at->seq);
	return OK;
}

enum err
send_reply(struct req *r, uint64_t room, const struct send *m)
{
	struct stream_pos at;
	struct str message = {NULL, 0};

	TRY(send_message(r, room, m, &at, &message));
	return req_reply_text(r, 201, message);
}
