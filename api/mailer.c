/* SPDX-License-Identifier: MIT */
/* Delivers the letters of the table mail to smtp_url; see courier.h.
 *
 * A letter that is refused for good (5xx) is dropped at once; otherwise it comes again after 1 s,
 * 2 s and so on up to 5 min, for a day. Only one mailer works at a time, by a lock of the database.
 * A crash between the server's "taken" and our DELETE makes one letter come twice: SMTP has no way
 * to rule that out.
 */
#include "courier.h"
#include "db.h"
#include "resets.h"
#include "shared/log.h"
#include "sql.h"

#include <inttypes.h>

#define PAUSE_MAX   300 /* seconds */
#define PAUSE_STEPS 9   /* after which doubling has passed that */

/* Of the one process that runs this. */
static struct {
	uint64_t sent; /* is delivered and not yet deleted; 0: none */
	bool failing;
} state;

/* Deletes what was delivered; until that is done nothing else is. */
static bool
clear(struct req *r)
{
	if (state.sent != 0 && sql_mail_delete(r, state.sent, NULL) != OK)
		return false;
	state.sent = 0;
	return true;
}

/* Neither the address nor the text is logged: they are nobody's business but the reader's. */
static void
drop(struct req *r, const json_t *letter, const char *why)
{
	log_warn("letter %" PRIu64 " is dropped after %" PRIu64 " tries: %s", row_id(letter, "id"),
	    row_id(letter, "tries") + 1, why);
	(void)sql_mail_delete(r, row_id(letter, "id"), NULL);
}

static void
delay(struct req *r, const json_t *letter, const char *why)
{
	uint64_t tries = row_id(letter, "tries");
	int64_t pause = tries >= PAUSE_STEPS ? PAUSE_MAX : (int64_t)1 << tries;

	if (!state.failing)
		log_warn("smtp_url does not take letter %" PRIu64 ": %s; trying again",
		    row_id(letter, "id"), why);
	state.failing = true;
	if (row_id(letter, "stale") != 0)
		drop(r, letter, "it is too old");
	else
		(void)sql_mail_delay(
		    r, row_id(letter, "id"), pause > PAUSE_MAX ? PAUSE_MAX : pause, NULL);
}

static void
succeed(const json_t *letter)
{
	if (state.failing)
		log_info("smtp_url takes letters again");
	state.failing = false;
	state.sent = row_id(letter, "id");
}

static enum remote_mail_end
deliver(struct courier *c, const json_t *letter, char why[REMOTE_WHY_SIZE])
{
	const struct conf *conf = c->r.conf;
	enum remote_mail_end end;

	courier_leave(c);
	end = remote_mail(c->remote,
	    &(struct remote_mail){
		.url = conf->smtp_url,
		.user = conf->smtp_user,
		.password = conf->smtp_password,
		.tls = conf->smtp_tls,
		.from = conf->smtp_from,
		.to = row_text(letter, "address"),
		.body = str_of(row_text(letter, "body")),
		.stop = courier_stop(),
	    },
	    why);
	courier_return(c);
	return end;
}

static int
step(struct courier *c)
{
	struct req *r = &c->r;
	char why[REMOTE_WHY_SIZE];
	json_t *row, *letter;

	if (db_ready(r->db) != OK || sql_mail_claim(r, &row) != OK || row_id(row, "mine") != 1 ||
	    !clear(r) || sql_mail_next(r, &letter) != OK)
		return COURIER_IDLE_MS;
	if (row_text(letter, "body")[0] == '\0')
		return resets_write(r, row_id(letter, "id"), row_text(letter, "address")) == OK
			   ? 0
			   : COURIER_IDLE_MS;
	switch (deliver(c, letter, why)) {
	case REMOTE_MAIL_TAKEN: succeed(letter); break;
	case REMOTE_MAIL_REFUSED: drop(r, letter, why); break;
	default:
		if (!*courier_stop())
			delay(r, letter, why);
	}
	return clear(r) ? 0 : COURIER_IDLE_MS;
}

const struct errand errand_mail = {"the mailer delivers letters", step};
