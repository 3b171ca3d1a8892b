/* SPDX-License-Identifier: MIT */
/* Letters to people: written and put into the table mail, within the transaction of whatever they
 * are about. The mailer delivers them (mailer.c). */
#ifndef MARU_MAIL_H
#define MARU_MAIL_H

#include "req.h"

#define MAIL_ADDRESS_MAX 254 /* RFC 5321, 4.5.3.1.3 */

/* ERR_FORBIDDEN if this server sends no e-mail. */
enum err mail_require(struct req *r);

/* Whether this is an address to write to: name@host.domain in ASCII, nothing quoted, no comments.
 * What passes can stand in a header and in an SMTP command. */
bool mail_is_address(const char *s);

/* ERR_INVALID for the field `email` unless it is an address. */
enum err mail_check_address(struct req *r, const char *address);

/* The whole letter (RFC 5322) with any text in subject and text, as the table has it. */
const char *mail_write(struct req *r, const char *address, const char *subject, const char *text);

#endif
