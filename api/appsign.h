/* SPDX-License-Identifier: MIT */
/* The signature of Pusher's HTTP API, version 1.0: auth_signature in the query is the HMAC-SHA256
 * of the method, the path and all other parameters; body_md5, one of them, stands for the body.
 * Nothing here knows of a request but its texts.
 */
#ifndef MARU_APPSIGN_H
#define MARU_APPSIGN_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdint.h>

#define APPSIGN_SECONDS 600 /* by which auth_timestamp may differ from our clock */

struct appsign {
	const char *method;
	const char *path;  /* as it came, without the query */
	const char *query; /* as it came */
	struct str body;
	const char *key, *secret; /* the application's */
	int64_t now;              /* seconds since 1970 */
};

/* NULL if the secret's owner made this very request, else a sentence that says what is wrong. */
const char *appsign_check(struct arena *mem, const struct appsign *s);

#endif
