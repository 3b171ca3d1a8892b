/* SPDX-License-Identifier: MIT */
/* /v1/users/me/email: the address that has been verified. Nobody else ever sees it. */
#include "emails.h"

#include "db.h"
#include "route.h"
#include "sql.h"
#include "stream.h"

/* The own address: 200 with {email}, null if there is none. */
enum err
emails_get(struct req *r)
{
	json_t *row;

	TRY(sql_email_get(r, r->user, &row));
	return req_reply(r, 200, json_pack("{s:O}", "email", json_object_get(row, "email")));
}

enum err
emails_set(struct req *r, const struct stream_pos *at, const char *email, uint64_t *rows)
{
	enum err e = sql_email_set(r, r->user, email, rows);

	if (e != OK)
		return e == ERR_CONFLICT ? ERR_EMAIL_TAKEN : e;
	/* A code that went to the old address must not open the account any more. */
	TRY(sql_codes_delete(r, r->user, NULL));
	return stream_store(
	    r, at, EV_EMAIL_UPDATED, req_own(r, json_pack("{s:s?}", "email", email)));
}

/* Removes the address: 204. */
enum err
emails_remove(struct req *r)
{
	struct stream_pos at;
	uint64_t rows;

	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(emails_set(r, &at, NULL, &rows));
	if (rows == 0)
		db_rollback(r->db); /* nothing happened, so no seq is used */
	return req_reply(r, 204, NULL);
}
