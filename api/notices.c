/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/notices: what stands on top of a room. The newest one is the present one; the
 * earlier ones stay until somebody deletes them. A notice's id is the seq of its notice.created.
 *
 * Notices are for whoever comes into the room, so everybody in it sees all of them, also who may
 * not read what was said before they came.
 */
#include "notices.h"

#include "db.h"
#include "members.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "words.h"

#define BODY_MAX 4000

struct notice_in {
	const char *body;
};

static const struct field notice_fields[] = {
    TEXT_FIELD(struct notice_in, body, 1, BODY_MAX, FIELD_REQUIRED),
    END_FIELD,
};

enum err
notices_permit(struct req *r, const json_t *row)
{
	if (strcmp(row_text(row, "kind"), "group") != 0 && !rooms_is_direct(row))
		TRY(rooms_require_rank(r, row, RANK_MODERATOR));
	return members_require_voice(r, row_id(row, "id"));
}

/* Holds the room's stream for whoever may change this notice: who wrote it, and the host. */
static enum err
hold(struct req *r, struct stream_pos *at, json_t **row, json_t **notice)
{
	bool joined;

	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), at));
	TRY(rooms_find(r, at->id, row));
	joined = json_is_true(json_object_get(*row, "joined"));
	if (!joined)
		TRY(rooms_require_rank(r, *row, RANK_HOST));
	TRY(sql_notice_get(r, r->user, at->id, req_id(r, "notice"), notice));
	if (!joined || row_id(*notice, "by_user") != r->user)
		return rooms_require_rank(r, *row, RANK_HOST);
	return members_require_voice(r, at->id);
}

/* Tells the room of a notice as it now is, and answers it as the asker sees it. */
static enum err
announce(struct req *r, const struct stream_pos *at, enum event ev, uint64_t notice, int status)
{
	json_t *row, *data;

	TRY(sql_notice_get(r, r->user, at->id, notice, &row));
	data = req_own(r, json_copy(row));
	(void)json_object_del(data, "confirmed");
	TRY(stream_store(r, at, ev, data));
	return req_reply(r, status, json_incref(row));
}

/* A new notice: 201 with it. */
enum err
notices_create(struct req *r)
{
	struct stream_pos at;
	struct notice_in in;
	json_t *row;

	TRY(req_read(r, notice_fields, &in));
	TRY(stream_next(r, WIRE_ROOM, req_id(r, "room"), &at));
	TRY(rooms_find(r, at.id, &row));
	TRY(notices_permit(r, row));
	TRY(rooms_require_reader(row));
	TRY(words_filter(r, at.id, &in.body));
	TRY(sql_notice_insert(r, at.id, at.seq, r->user, in.body, NULL));
	return announce(r, &at, EV_NOTICE_CREATED, at.seq, 201);
}

/* The notices, the newest and present one first. */
enum err
notices_list(struct req *r)
{
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, PAGE_END, &page));
	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(sql_notices_list(
	    r, r->user, req_id(r, "room"), page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "notices", rows, &page, "id");
}

/* Changes the text: 200 with the notice. Who confirmed it has confirmed the earlier text; that
 * stays, as a correction is no new notice. */
enum err
notices_update(struct req *r)
{
	struct stream_pos at;
	struct notice_in in;
	json_t *row, *notice;

	TRY(req_read(r, notice_fields, &in));
	TRY(hold(r, &at, &row, &notice));
	TRY(rooms_require_reader(row));
	TRY(words_filter(r, at.id, &in.body));
	if (strcmp(row_text(notice, "body"), in.body) == 0) {
		db_rollback(r->db); /* nothing happened, so no seq is used */
		return req_reply(r, 200, json_incref(notice));
	}
	TRY(sql_notice_edit(r, at.id, row_id(notice, "id"), in.body, NULL));
	return announce(r, &at, EV_NOTICE_UPDATED, row_id(notice, "id"), 200);
}

/* Takes a notice off, with its confirmations: 204. */
enum err
notices_delete(struct req *r)
{
	struct stream_pos at;
	json_t *row, *notice, *gone;

	TRY(hold(r, &at, &row, &notice));
	gone =
	    json_pack("{s:I, s:O}", "room", (json_int_t)at.id, "id", json_object_get(notice, "id"));
	(void)req_own(r, gone);
	TRY(sql_notice_delete(
	    r, at.id, row_id(notice, "id"), NULL)); /* first: see confirmations.c */
	TRY(sql_confirmations_erase(r, at.id, row_id(notice, "id"), NULL));
	TRY(stream_store(r, &at, EV_NOTICE_DELETED, gone));
	return req_reply(r, 204, NULL);
}
