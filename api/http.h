/* SPDX-License-Identifier: MIT */
/* HTTP of our own: requests that the courier makes. The only file that sees libcurl. */
#ifndef MARU_HTTP_H
#define MARU_HTTP_H

#include "shared/buf.h"

#include <signal.h>

#define HTTP_WHY_SIZE    256
#define HTTP_HEADERS_MAX 8

struct http; /* one connection, kept from one request to the next */

struct http_post {
	const char *url;
	const char *headers[HTTP_HEADERS_MAX]; /* "Name: value"; NULL ends them */
	struct str body;
	const volatile sig_atomic_t *stop; /* ends the waiting when it is set */
};

struct http *http_create(void);
void http_destroy(struct http *h); /* accepts NULL */

/* Posts, and waits ten seconds at most. The status of the answer, whose text is thrown away; 0 if
 * none came: why says what happened. Follows no redirect, takes no proxy from the environment. The
 * address is the administrator's choice, so it may be one of a private network. */
int http_post(struct http *h, const struct http_post *p, char why[HTTP_WHY_SIZE]);

#endif
