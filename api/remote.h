/* SPDX-License-Identifier: MIT */
/* Talking to other servers, by HTTP and SMTP. With fetcher.c the only file that sees libcurl.
 *
 * Nobody who answers may keep us, make us read without end, or send us elsewhere: no redirect is
 * followed, no proxy taken from the environment. Addresses are the administrator's choice, so they
 * may be those of a private network; those that people name are for fetcher.h.
 */
#ifndef MARU_REMOTE_H
#define MARU_REMOTE_H

#include "shared/buf.h"

#include <signal.h>

#define REMOTE_WHY_SIZE    256
#define REMOTE_HEADERS_MAX 8
#define REMOTE_HTTP_MS     10000
#define REMOTE_MAIL_MS     30000

struct remote; /* one connection, kept from one HTTP request to the next */

struct remote_http {
	const char *url;
	const char *headers[REMOTE_HEADERS_MAX]; /* "Name: value"; NULL ends them */
	struct str body;                         /* is posted; p NULL: GET */
	struct buf *answer;                      /* takes its text; NULL: thrown away */
	size_t answer_max;                       /* bytes of it; 0: 64 KiB */
	long limit_ms;                           /* 0: REMOTE_HTTP_MS */
	const volatile sig_atomic_t *stop;       /* ends the waiting when it is set; may be NULL */
};

struct remote_mail {
	const char *url; /* smtp:// or smtps:// */
	const char *user, *password;
	const char *tls; /* off, try or required */
	const char *from, *to;
	struct str body; /* the whole letter, lines end in CR LF */
	const volatile sig_atomic_t *stop;
};

enum remote_mail_end {
	REMOTE_MAIL_TAKEN,
	REMOTE_MAIL_REFUSED, /* for good: this letter need not come again */
	REMOTE_MAIL_LATER
};

struct remote *remote_create(void);
void remote_destroy(struct remote *c); /* accepts NULL */

/* The status of the answer, also where its text is too long or never ends; 0 if none came: why says
 * what happened. */
int remote_http(struct remote *c, const struct remote_http *h, char why[REMOTE_WHY_SIZE]);

/* Hands a letter over, on a connection of its own. */
enum remote_mail_end remote_mail(
    struct remote *c, const struct remote_mail *m, char why[REMOTE_WHY_SIZE]);

#endif
