/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages: what is said.
 *
 * Sending is the hot path: one round trip to the database (message_send in schema.sql), then one
 * packet to push with the very bytes that every client will receive.
 */
#include "db.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "shared/crypt.h"
#include "sql.h"
#include "stream.h"

#include <inttypes.h>

#define BODY_MAX      4000
#define CLIENT_ID_MAX 64

struct message_in {
	const char *client_id;
	const char *body;
};

static const struct field message_fields[] = {
    TEXT_FIELD(struct message_in, client_id, 1, CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct message_in, body, 1, BODY_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* Why the procedure refused. */
static enum err
refusal(struct req *r, const char *outcome, uint64_t room)
{
	json_t *row;

	if (strcmp(outcome, "no_session") == 0)
		return ERR_UNAUTHENTICATED;
	if (strcmp(outcome, "reused") == 0)
		return ERR_CLIENT_ID_REUSED;
	TRY(rooms_require(r, room, &row));
	return ERR_RETRY; /* joined in between */
}

/* Sends a message: 201 with it. The same client_id and body again: the same answer. */
enum err
messages_create(struct req *r)
{
	struct stream_pos at = {WIRE_ROOM, req_id(r, "room"), 0, crypt_random64()};
	struct message_in in;
	json_t *row, *message;
	bool repeated;

	TRY(req_read(r, message_fields, &in));
	TRY(sql_message_send(r, r->user, r->session, at.id, in.client_id, in.body, at.mid, &row));
	if (strcmp(row_text(row, "outcome"), "ok") != 0)
		return refusal(r, row_text(row, "outcome"), at.id);
	at.seq = row_id(row, "seq");
	repeated = row_id(row, "mid") != at.mid;
	at.mid = row_id(row, "mid");
	message = json_pack("{s:I, s:I, s:o, s:I, s:s, s:s, s:O}", "room", (json_int_t)at.id, "seq",
	    (json_int_t)at.seq, "mid", json_sprintf("%" PRIu64, at.mid), "sender",
	    (json_int_t)r->user, "client_id", in.client_id, "body", in.body, "created_at",
	    json_object_get(row, "created_at"));
	if (!repeated)
		notify_event(r, &at, EV_MESSAGE_CREATED, message);
	return req_reply(r, 201, message);
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
 * seq. `next` goes on in the same direction. */
enum err
messages_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), before, after, limit;
	json_t *row, *rows, *answer, *next = NULL;
	bool forward, more;

	TRY(req_query_number(r, "before", PAGE_END, PAGE_END, &before));
	TRY(req_query_number(r, "after", PAGE_END, PAGE_END, &after));
	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &limit));
	limit = limit == 0 ? 1 : limit;
	forward = after != PAGE_END;
	TRY(rooms_require(r, room, &row));
	if (forward)
		TRY(sql_messages_between(r, room, after, PAGE_END, (int64_t)limit + 1, &rows));
	else
		TRY(sql_messages_before(r, room, before, (int64_t)limit + 1, &rows));
	more = json_array_size(rows) > limit;
	if (more) {
		(void)json_array_remove(rows, limit);
		next = json_object_get(json_array_get(rows, limit - 1), "seq");
	}
	answer =
	    json_pack("{s:O, s:O?}", "messages", forward ? rows : reversed(r, rows), "next", next);
	return req_reply(r, 200, answer);
}
