/* SPDX-License-Identifier: MIT */
/* Many requests by HTTP at once, to addresses that people named.
 *
 * A fetcher connects only where shared/outbound.h lets it, and looks at the very address just
 * before each connection, so neither a redirect nor a name that changes its meaning leads
 * elsewhere. It takes no proxy from the environment, sends no cookies, names or passwords, and
 * insists on a valid certificate.
 */
#ifndef MARU_FETCHER_H
#define MARU_FETCHER_H

#include "shared/buf.h"

#include <stdint.h>

#define FETCHER_HEADERS_MAX 8

struct fetcher;

struct fetcher_job {
	uint64_t id; /* by which its end is known */
	const char *url;
	const char *headers[FETCHER_HEADERS_MAX];
	struct str body;    /* is posted, and copied; p NULL: GET */
	unsigned redirects; /* that are followed */
	long limit_ms;      /* for all of it */
	size_t answer_max;  /* bytes of text that are kept; what is longer is cut off */
};

struct fetcher_end {
	uint64_t id;
	int status;       /* 0: no answer, why says what happened */
	const char *why;  /* these belong to the fetcher, until its next step */
	const char *type; /* Content-Type, "" if there is none */
	struct str answer;
	int64_t ms; /* that it took */
};

#define FETCHER_WHY_REFUSED "this address may not be reached"

/* allow: the setting outbound_allow, which was checked. */
struct fetcher *fetcher_create(size_t most, const char *allow);
void fetcher_destroy(struct fetcher *c); /* gives up what is under way; accepts NULL */

size_t fetcher_free(const struct fetcher *c); /* requests that may still be started */
bool fetcher_has(const struct fetcher *c, uint64_t id);

/* Starts a request; there must be room for it. */
void fetcher_start(struct fetcher *c, const struct fetcher_job *job);

/* Goes on with the requests until one of them ends, at most as long. */
void fetcher_wait(struct fetcher *c, int ms);

/* The next request that has ended; false: none has. */
bool fetcher_next(struct fetcher *c, struct fetcher_end *end);

/* What is wrong with an address that somebody names, as a part of a sentence; NULL: nothing is. It
 * may be http:// only where networks of our own are open. */
const char *fetcher_url_problem(const char *url, const char *allow);

#endif
