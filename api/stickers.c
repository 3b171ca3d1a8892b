/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/stickers: sends one of a pack (packs.c). The message has the sticker's emoji as
 * its body, for searches, exports and clients without stickers, and a copy of the sticker as its
 * content: what was said stays as it was when a pack changes.
 */
#include "route.h"
#include "send.h"
#include "sql.h"

struct sending_in {
	const char *client_id;
	int64_t pack;
	const char *sticker;
	int64_t reply_to;
};

static const struct field sending_fields[] = {
    TEXT_FIELD(struct sending_in, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    INT_FIELD(struct sending_in, pack, 1, INT64_MAX, FIELD_REQUIRED),
    TEXT_FIELD(struct sending_in, sticker, 1, 30, FIELD_REQUIRED | FIELD_LINE),
    INT_FIELD(struct sending_in, reply_to, 1, INT64_MAX, 0),
    END_FIELD,
};

/* The sticker of that name. */
static enum err
find(struct req *r, const struct sending_in *in, json_t **sticker)
{
	json_t *row, *list;
	size_t i;
	enum err e = sql_pack_get(r, (uint64_t)in->pack, &row);

	if (e == ERR_NOT_FOUND)
		return req_invalid(r, "pack", "there is no such pack");
	TRY(e);
	list = json_object_get(row, "stickers");
	json_array_foreach (list, i, *sticker)
		if (strcmp(row_text(*sticker, "name"), in->sticker) == 0)
			return OK;
	return req_invalid(r, "sticker", "there is none of this name in the pack");
}

/* Sends a sticker: 201 with the message. The same client_id and sticker again: the same answer. */
enum err
stickers_create(struct req *r)
{
	struct sending_in in;
	json_t *sticker = NULL, *copy;
	const char *content;

	TRY(req_read(r, sending_fields, &in));
	TRY(find(r, &in, &sticker));
	copy = req_own(r, json_deep_copy(sticker));
	(void)json_object_set_new(copy, "pack", json_integer((json_int_t)in.pack));
	TRY(req_dump(r, req_own(r, json_pack("{s:O}", "sticker", copy)), &content));
	return send_reply(r, req_id(r, "room"),
	    &(struct send){
		.client_id = in.client_id,
		.body = row_text(sticker, "emoji"),
		.reply_to = in.reply_to == FIELD_ABSENT ? 0 : (uint64_t)in.reply_to,
		.type = "sticker",
		.content = content,
	    });
}
