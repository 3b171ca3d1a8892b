/* SPDX-License-Identifier: MIT */
/* /v1/password-resets: a new password for who reads the account's mailbox.
 *
 * The request only notes the address. Whose it is, if anybody's, is looked up later by the mailer:
 * so neither the answer nor its time can tell who has an account here.
 */
#include "resets.h"

#include "codes.h"
#include "db.h"
#include "mail.h"
#include "password.h"
#include "route.h"
#include "sessions.h"
#include "shared/log.h"
#include "sql.h"
#include "throttle.h"
#include "users.h"

#include <inttypes.h>

#define DELAY 5 /* seconds until a letter that could not be written is tried again */

struct reset_in {
	const char *email;
};

static const struct field reset_fields[] = {
    TEXT_FIELD(struct reset_in, email, 3, MAIL_ADDRESS_MAX, FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

struct new_in {
	const char *email;
	const char *code;
	const char *new_password;
};

static const struct field new_fields[] = {
    TEXT_FIELD(struct new_in, email, 3, MAIL_ADDRESS_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct new_in, code, 1, 20, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct new_in, new_password, USERS_PASSWORD_MIN, CRYPT_PASSWORD_MAX,
	FIELD_REQUIRED | FIELD_BYTES),
    END_FIELD,
};

/* Asks for a code: 202, whoever has the address. */
enum err
resets_create(struct req *r)
{
	struct reset_in in;

	TRY(mail_require(r));
	TRY(req_read(r, reset_fields, &in));
	TRY(mail_check_address(r, in.email));
	TRY(codes_throttle(r, 0, in.email));
	TRY(sql_mail_insert(r, in.email, "", NULL));
	return req_reply(r, 202, json_pack("{s:i}", "expires_in", CODES_SECONDS));
}

static enum err
write_letter(struct req *r, uint64_t letter, const char *address)
{
	char code[CODES_SIZE];
	const char *email;
	json_t *owner;
	enum err e;

	TRY(db_begin(r->db));
	e = sql_email_owner(r, address, &owner);
	if (e == ERR_NOT_FOUND) {
		TRY(sql_mail_delete(r, letter, NULL));
		return db_commit(r->db);
	}
	TRY(e);
	/* As the owner wrote it: to some servers upper and lower case are two mailboxes. */
	email = row_text(owner, "email");
	TRY(codes_make(r, "reset", row_id(owner, "id"), email, code));
	TRY(sql_mail_fill(r, letter, email,
	    codes_letter(r, "reset", email, row_text(owner, "locale"), code), NULL));
	return db_commit(r->db);
}

enum err
resets_write(struct req *r, uint64_t letter, const char *address)
{
	enum err e = write_letter(r, letter, address);

	if (e == OK)
		return OK;
	db_rollback(r->db);
	(void)sql_mail_delay(r, letter, DELAY, NULL);
	return e;
}

/* The account of the address. For one that is nobody's as much is written as for a wrong code. */
static enum err
find_owner(struct req *r, const char *email, uint64_t *user)
{
	const char *network = throttle_network(r);
	json_t *owner;
	enum err e;

	TRY(throttle_take(r, arena_printf(&r->mem, "reset-from:%s", network),
	    5 * r->conf->login_attempts, r->conf->login_window));
	e = sql_email_owner(r, email, &owner);
	if (e == OK)
		*user = row_id(owner, "id");
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(throttle_take(
	    r, arena_printf(&r->mem, "reset-miss:%s", network), INT64_MAX, r->conf->login_window));
	return ERR_BAD_CODE;
}

/* Takes the code and sets the password: 204. All sessions of the account end. */
enum err
resets_confirm(struct req *r)
{
	char stored[CRYPT_STORED_SIZE];
	const char *email;
	struct new_in in;
	uint64_t user, changed;

	TRY(mail_require(r));
	TRY(req_read(r, new_fields, &in));
	TRY(mail_check_address(r, in.email));
	TRY(find_owner(r, in.email, &user));
	TRY(codes_try(r, "reset", user, in.code, &email));
	TRY(password_hash(r, in.new_password, stored));
	TRY(db_begin(r->db));
	TRY(codes_use(r, "reset", user, email, in.code));
	TRY(sql_password_put(r, user, stored, &changed));
	if (changed == 0)
		return ERR_BAD_CODE; /* the account was closed meanwhile */
	r->user = user;
	r->session = 0;
	TRY(sessions_end_others(r));
	log_info("user %" PRIu64 " has set a new password by e-mail from %s", user, r->env.address);
	return req_reply(r, 204, NULL);
}
