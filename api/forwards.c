/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/messages/:message/forward: the same text once more, in other rooms.
 *
 * The copy is a message of whoever forwards it, and says no more than that it is one: content
 * {forwarded: true}. Who wrote it, and in which room, may be nothing for those who read it there.
 * It mentions nobody. Each room has its own result, as each has its own rules.
 */
#include "attachments.h"
#include "blocks.h"
#include "messages.h"
#include "route.h"
#include "send.h"
#include "sql.h"

#include <inttypes.h>

#define ROOMS_MAX  10
#define ANSWER_MAX ((size_t)ROOMS_MAX * WIRE_MAX)

struct forward_in {
	const char *client_id;
	json_t *rooms;
};

static const struct field forward_fields[] = {
    TEXT_FIELD(struct forward_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    IDS_FIELD(struct forward_in, rooms, ROOMS_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* The message, if the asker can read it. */
static enum err
find_message(struct req *r, json_t **message)
{
	json_t *rows = req_own(r, json_array());

	TRY(messages_require(r, req_id(r, "room"), req_id(r, "message")));
	TRY(sql_message_get(r, req_id(r, "room"), req_id(r, "message"), message));
	(void)json_array_append(rows, *message);
	TRY(blocks_veil(r, rows));
	if (json_array_get(rows, 0) != *message || json_object_get(*message, "deleted_at") != NULL)
		return ERR_NOT_FOUND;
	if (strcmp(row_text(*message, "type"), "poll") == 0)
		return req_fail(r, ERR_CONFLICT, "a poll belongs to its room");
	return OK;
}

static bool
is_mention(const json_t *entity)
{
	return strncmp(row_text(entity, "type"), "mention", 7) == 0;
}

/* What the copy is, but for the client_id. */
static enum err
copy(struct req *r, const json_t *message, struct send *out)
{
	const json_t *entities = json_object_get(message, "entities"), *one;
	json_t *kept = req_own(r, json_array());
	json_t *content = json_object_get(message, "content");
	const char *type = row_text(message, "type");

	for (size_t i = 0; (one = json_array_get(entities, i)) != NULL; i++) {
		if (!is_mention(one))
			(void)json_array_append(kept, json_array_get(entities, i));
	}
	content = req_own(r, content == NULL ? json_object() : json_copy(content));
	(void)json_object_set_new(content, "forwarded", json_true());
	*out = (struct send){
	    .body = row_text(message, "body"),
	    .verbatim = true,
	    .type = *type == '\0' ? NULL : type,
	};
	TRY(req_dump(r, content, &out->content));
	TRY(attachments_of(r, content, &out->files));
	return json_array_size(kept) == 0 ? OK : req_dump(r, kept, &out->entities);
}

/* Sends the copy to one room, and adds what became of it. An error of that room is a result; one
 * that would be the same in all of them is returned. */
static enum err
send_to(struct req *r, uint64_t room, const struct send *m, struct buf *out)
{
	struct stream_pos at;
	struct str message;
	enum err e = send_message(r, room, m, &at, &message);

	notify_flush(r); /* it is stored, whatever happens to the next one */
	if (e == ERR_RETRY || e == ERR_UNAUTHENTICATED)
		return e;
	r->detail = NULL;
	r->problems = NULL;
	r->retry_after = 0;
	buf_printf(out, "%s{\"room\":%" PRIu64 ",\"status\":%d,", out->n == 0 ? "" : ",", room,
	    e == OK ? 201 : err_info(e)->status);
	if (e != OK) {
		buf_printf(out, "\"problem\":\"%s\"}", err_info(e)->slug);
		return OK;
	}
	buf_addstr(out, "\"message\":");
	buf_add(out, message.p, message.n);
	buf_addch(out, '}');
	return OK;
}

/* 200 with the result of each room, in their order. The same client_id again: the same. */
enum err
forwards_create(struct req *r)
{
	struct buf *out = req_buf(r, ANSWER_MAX), *answer = req_buf(r, ANSWER_MAX);
	struct forward_in in;
	struct send m;
	json_t *message, *room;
	size_t i;

	TRY(req_read(r, forward_fields, &in));
	if (json_array_size(in.rooms) == 0)
		return req_invalid(r, "rooms", "must be at least one");
	TRY(find_message(r, &message));
	TRY(copy(r, message, &m));
	m.client_id = in.client_id;
	json_array_foreach (in.rooms, i, room)
		TRY(send_to(r, (uint64_t)json_integer_value(room), &m, out));
	buf_addstr(answer, "{\"results\":[");
	buf_add(answer, out->p, out->n);
	buf_addstr(answer, "]}");
	return req_reply_text(r, 200, (struct str){answer->p, answer->n});
}
