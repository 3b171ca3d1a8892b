/* SPDX-License-Identifier: MIT */
/* Which web pages may act here (https://fetch.spec.whatwg.org/#http-cors-protocol): the server's
 * own, and those of cors_origins. A program that is no browser sends no Origin and is not asked. */
#ifndef MARU_CORS_H
#define MARU_CORS_H

#include "req.h"

/* ERR_BAD_ORIGIN for a request that changes something and comes from a foreign page. */
enum err cors_check(struct req *r);

/* Answers the question a browser asks before a request to another site (OPTIONS). */
enum err cors_preflight(struct req *r);

/* Adds the header lines that let an allowed page read the answer. */
void cors_headers(struct req *r);

#endif
