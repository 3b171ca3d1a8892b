/* SPDX-License-Identifier: MIT */
/* /v1/sticker-packs: sets of stickers, which admins keep. A sticker has a name within its pack, an
 * emoji for who can't show it, and perhaps a picture below /stickers/ that the web server has.
 * Packs are no events: a client asks for them when somebody picks a sticker, and a message has a
 * copy of what it needs (stickers.c).
 */
#include "admins.h"
#include "db.h"
#include "route.h"
#include "sql.h"

#define PACKS_MAX     100 /* one answer lists them all */
#define STICKERS_MAX  60
#define IMAGE_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-_/."
#define IMAGE_PLACE   "/stickers/"

struct pack_in {
	const char *title;
};

static const struct field pack_fields[] = {
    TEXT_FIELD(struct pack_in, title, 1, 50, FIELD_LINE),
    END_FIELD,
};

struct sticker_in {
	const char *name;
	const char *emoji;
	const char *image;
};

static const struct field sticker_fields[] = {
    TEXT_FIELD(struct sticker_in, name, 1, 30, FIELD_REQUIRED | FIELD_LINE),
    TEXT_FIELD(struct sticker_in, emoji, 1, 16, FIELD_REQUIRED | FIELD_LINE),
    NAME_FIELD(struct sticker_in, image, 1, 100, IMAGE_LETTERS, 0),
    END_FIELD,
};

/* One of the stickers, whose name none before it has; with IMAGE_LETTERS nothing leads out of the
 * directory but "..". */
static enum err
check_sticker(struct req *r, json_t *sticker, json_t *names)
{
	struct sticker_in in;

	if (!json_is_object(sticker))
		return req_invalid(r, "stickers", "must be a list of objects");
	TRY(req_fields(r, sticker_fields, sticker, &in));
	if (in.image != NULL && (strncmp(in.image, IMAGE_PLACE, sizeof(IMAGE_PLACE) - 1) != 0 ||
				    strstr(in.image, "..") != NULL))
		return req_invalid(r, "image", "must be a path below " IMAGE_PLACE);
	if (json_object_get(names, in.name) != NULL)
		return req_invalid(r, "name", "must be different from the others");
	(void)json_object_set_new(names, in.name, json_true());
	return OK;
}

/* Takes the stickers out of the body, as text; NULL if there are none in it. */
static enum err
read_stickers(struct req *r, json_t *body, const char **out)
{
	json_t *list = req_own(r, json_incref(json_object_get(body, "stickers"))), *sticker;
	json_t *names = req_own(r, json_object());
	size_t i;

	*out = NULL;
	if (list == NULL)
		return OK;
	(void)json_object_del(body, "stickers");
	if (!json_is_array(list) || json_array_size(list) < 1 ||
	    json_array_size(list) > STICKERS_MAX)
		return req_invalid(r, "stickers", "must be 1 to 60");
	json_array_foreach (list, i, sticker)
		TRY(check_sticker(r, sticker, names));
	return req_dump(r, list, out);
}

static enum err
read_pack(struct req *r, struct pack_in *in, const char **stickers)
{
	json_t *body = NULL;

	TRY(req_json(r, &body));
	TRY(read_stickers(r, body, stickers));
	return req_fields(r, pack_fields, body, in);
}

/* All of them. */
enum err
packs_list(struct req *r)
{
	json_t *rows;

	TRY(sql_packs_list(r, &rows));
	return req_reply(r, 200, json_pack("{s:O}", "packs", rows));
}

static enum err
reply_pack(struct req *r, int status, uint64_t pack)
{
	json_t *row;

	TRY(sql_pack_get(r, pack, &row));
	return req_reply(r, status, json_incref(row));
}

/* Adds one; admins only: 201. */
enum err
packs_create(struct req *r)
{
	const char *stickers;
	struct pack_in in;
	json_t *row;
	uint64_t id;

	TRY(read_pack(r, &in, &stickers));
	if (in.title == NULL)
		(void)req_invalid(r, "title", "is required");
	if (stickers == NULL)
		(void)req_invalid(r, "stickers", "is required");
	if (json_array_size(r->problems) > 0)
		return ERR_INVALID;
	TRY(admins_require(r));
	TRY(sql_packs_count(r, &row));
	if (row_id(row, "count") >= PACKS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d packs", PACKS_MAX);
	TRY(sql_pack_insert(r, in.title, stickers, NULL));
	id = db_insert_id(r->db);
	return reply_pack(r, 201, id);
}

/* Changes what is given; admins only: 200. Messages that were sent stay as they are. */
enum err
packs_update(struct req *r)
{
	uint64_t pack = req_id(r, "pack");
	const char *stickers;
	struct pack_in in;
	json_t *row;

	TRY(read_pack(r, &in, &stickers));
	TRY(admins_require(r));
	TRY(sql_pack_hold(r, pack, &row));
	TRY(sql_pack_update(r, pack, in.title, stickers, NULL));
	return reply_pack(r, 200, pack);
}

/* Deletes one; admins only: 204. */
enum err
packs_delete(struct req *r)
{
	uint64_t gone;

	TRY(admins_require(r));
	TRY(sql_pack_delete(r, req_id(r, "pack"), &gone));
	return gone == 0 ? ERR_NOT_FOUND : req_reply(r, 204, NULL);
}
