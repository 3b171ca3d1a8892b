/* SPDX-License-Identifier: MIT */
/* Calls to other servers, by HTTP and SMTP. With caller.c the only file that sees libcurl.
 *
 * Nobody who answers may keep us, make us read without end, or send us elsewhere: no redirect is
 * followed, no proxy taken from the environment. Addresses are the administrator's choice, so they
 * may be those of a private network; those that people name are for caller.h.
 */
#ifndef MARU_CALL_H
#define MARU_CALL_H

#include "shared/buf.h"

#include <signal.h>

#define CALL_WHY_SIZE    256
#define CALL_HEADERS_MAX 8
#define CALL_HTTP_MS     10000
#define CALL_MAIL_MS     30000

struct call; /* one connection, kept from one HTTP request to the next */

struct call_http {
	const char *url;
	const char *headers[CALL_HEADERS_MAX]; /* "Name: value"; NULL ends them */
	struct str body;                       /* is posted; p NULL: GET */
	struct buf *answer;                    /* takes its text; NULL: thrown away */
	long limit_ms;                         /* 0: CALL_HTTP_MS */
	const volatile sig_atomic_t *stop;     /* ends the waiting when it is set; may be NULL */
};

struct call_mail {
	const char *url; /* smtp:// or smtps:// */
	const char *user, *password;
	const char *tls; /* off, try or required */
	const char *from, *to;
	struct str body; /* the whole letter, lines end in CR LF */
	const volatile sig_atomic_t *stop;
};

enum call_mail_end {
	CALL_MAIL_TAKEN,
	CALL_MAIL_REFUSED, /* for good: this letter need not come again */
	CALL_MAIL_LATER
};

struct call *call_create(void);
void call_destroy(struct call *c); /* accepts NULL */

/* The status of the answer, also where its text is too long or never ends; 0 if none came: why says
 * what happened. */
int call_http(struct call *c, const struct call_http *h, char why[CALL_WHY_SIZE]);

/* Hands a letter over, on a connection of its own. */
enum call_mail_end call_mail(struct call *c, const struct call_mail *m, char why[CALL_WHY_SIZE]);

#endif
