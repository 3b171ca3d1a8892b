/* SPDX-License-Identifier: MIT */
/* Many calls by HTTP at once, to addresses that people named.
 *
 * A caller connects only where shared/outbound.h lets it, and looks at the very address just before
 * each connection, so neither a redirect nor a name that changes its meaning leads elsewhere. It
 * takes no proxy from the environment, sends no cookies, names or passwords, and insists on a valid
 * certificate.
 */
#ifndef MARU_CALLER_H
#define MARU_CALLER_H

#include "shared/buf.h"

#include <stdint.h>

#define CALLER_HEADERS_MAX 8

struct caller;

struct caller_job {
	uint64_t id; /* by which its end is known */
	const char *url;
	const char *headers[CALLER_HEADERS_MAX];
	struct str body;    /* is posted, and copied; p NULL: GET */
	unsigned redirects; /* that are followed */
	long limit_ms;      /* for all of it */
	size_t answer_max;  /* bytes of text that are kept; what is longer is cut off */
};

struct caller_end {
	uint64_t id;
	int status;       /* 0: no answer, why says what happened */
	const char *why;  /* these belong to the caller, until its next call */
	const char *type; /* Content-Type, "" if there is none */
	struct str answer;
	int64_t ms; /* that it took */
};

#define CALLER_WHY_REFUSED "this address may not be reached"

/* allow: the setting outbound_allow, which was checked. */
struct caller *caller_create(size_t most, const char *allow);
void caller_destroy(struct caller *c); /* gives up what is under way; accepts NULL */

size_t caller_free(const struct caller *c); /* calls that may still be started */
bool caller_has(const struct caller *c, uint64_t id);

/* Starts a call; there must be room for it. */
void caller_start(struct caller *c, const struct caller_job *job);

/* Goes on with the calls until one of them ends, at most as long. */
void caller_wait(struct caller *c, int ms);

/* The next call that has ended; false: none has. */
bool caller_next(struct caller *c, struct caller_end *end);

/* What is wrong with an address that somebody names, as a part of a sentence; NULL: nothing is. It
 * may be http:// only where networks of our own are open. */
const char *caller_url_problem(const char *url, const char *allow);

#endif
