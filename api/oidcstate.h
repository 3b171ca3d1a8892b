/* SPDX-License-Identifier: MIT */
/* What a login with an OpenID provider has to remember until the browser comes back from there. It
 * stays in the browser, in a cookie that only we can have written: so nothing is stored for those
 * who never come back, and whoever comes back is the one who left. */
#ifndef MARU_OIDCSTATE_H
#define MARU_OIDCSTATE_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define OIDCSTATE_BACK_MAX 200 /* bytes of the page that is returned to */
#define OIDCSTATE_SECONDS  600

struct oidcstate {
	const char *provider;
	const char *state, *nonce, *verifier; /* random; the last one is PKCE's (RFC 7636) */
	const char *back;                     /* where the browser goes afterwards */
	uint64_t user, session;               /* to link the identity with; 0: to log in */
	int64_t expires;                      /* seconds since 1970 */
};

/* The cookie's value, in the arena. */
const char *oidcstate_seal(struct arena *mem, struct str secret, const struct oidcstate *s);

/* False for anything that we did not seal, and after its time. */
bool oidcstate_open(
    struct arena *mem, struct str secret, struct str text, int64_t now, struct oidcstate *out);

/* Whether a text is a path on this server: no other host, no control characters. */
bool oidcstate_is_path(const char *s);

#endif
