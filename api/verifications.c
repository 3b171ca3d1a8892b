/* SPDX-License-Identifier: MIT */
/* /v1/email-verifications: who reads the code that was sent to an address may have it with the
 * account. Whether it belongs to another account is told only then, to the owner of the mailbox. */
#include "codes.h"
#include "db.h"
#include "emails.h"
#include "mail.h"
#include "route.h"
#include "sessions.h"
#include "sql.h"

struct verification_in {
	const char *email;
};

static const struct field verification_fields[] = {
    TEXT_FIELD(struct verification_in, email, 3, MAIL_ADDRESS_MAX, FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

struct code_in {
	const char *code;
};

static const struct field code_fields[] = {
    TEXT_FIELD(struct code_in, code, 1, 20, FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

/* Sends a code to an address: 202. */
enum err
verifications_create(struct req *r)
{
	struct verification_in in;
	char code[CODES_SIZE];
	json_t *user;

	TRY(mail_require(r));
	TRY(req_read(r, verification_fields, &in));
	TRY(mail_check_address(r, in.email));
	TRY(codes_throttle(r, r->user, in.email));
	TRY(db_begin(r->db));
	TRY(sessions_require(r));
	TRY(sql_email_get(r, r->user, &user));
	TRY(codes_make(r, "verify", r->user, in.email, code));
	TRY(sql_mail_insert(r, in.email,
	    codes_letter(r, "verify", in.email, row_text(user, "locale"), code), NULL));
	return req_reply(r, 202, json_pack("{s:i}", "expires_in", CODES_SECONDS));
}

/* Takes the code: 200 with the address, which is the account's from now on. */
enum err
verifications_confirm(struct req *r)
{
	struct stream_pos at;
	const char *email;
	struct code_in in;
	uint64_t rows;

	TRY(mail_require(r));
	TRY(req_read(r, code_fields, &in));
	TRY(codes_try(r, "verify", r->user, in.code, &email));
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sessions_require(r));
	TRY(codes_use(r, "verify", r->user, email, in.code));
	TRY(emails_set(r, &at, email, &rows));
	return req_reply(r, 200, json_pack("{s:s}", "email", email));
}
