/* SPDX-License-Identifier: MIT */
/* ID tokens of OpenID Connect (Core 1.0, section 2): who somebody is at a provider. */
#ifndef MARU_IDTOKEN_H
#define MARU_IDTOKEN_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define IDTOKEN_SUBJECT_MAX 255

struct idtoken_expected {
	const char *issuer, *client_id, *nonce;
	int64_t now; /* seconds since 1970 */
};

struct idtoken {
	const char *subject;  /* 1 to 255 bytes; no control characters */
	const char *nickname; /* as our rules want it; "" if there is none */
};

/* Reads a token that came straight from the provider's token endpoint, which is why its signature
 * is not looked at (3.1.3.7, point 6). Everything in *out is in the arena. False if it is not meant
 * for us now; *why is static. */
bool idtoken_read(struct arena *mem, struct str token, const struct idtoken_expected *expected,
    struct idtoken *out, const char **why);

#endif
