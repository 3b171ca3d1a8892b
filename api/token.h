/* SPDX-License-Identifier: MIT */
/* Access tokens: JSON Web Tokens (RFC 7519) with HS256, and nothing else.
 *
 * There is one header and it is compared as text, so there is no algorithm to confuse. A token
 * says who and which session; whether the session still lives is asked of the database.
 */
#ifndef MARU_TOKEN_H
#define MARU_TOKEN_H

#include "shared/arena.h"
#include "shared/buf.h"
#include "shared/err.h"

#include <stdint.h>

/* Makes a token, in the arena. Times in seconds since 1970. */
const char *token_make(struct arena *mem, struct str secret, uint64_t user, uint64_t session,
    int64_t now, int64_t ttl);

/* ERR_UNAUTHENTICATED for anything that we did not sign, ERR_TOKEN_EXPIRED after its time. */
enum err token_check(
    struct str token, struct str secret, int64_t now, uint64_t *user, uint64_t *session);

#endif
