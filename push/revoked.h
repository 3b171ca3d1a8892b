/* SPDX-License-Identifier: MIT */
/* Rights that were taken back while claims about them are still fresh.
 *
 * A claim is good for CLAIM_MAX_AGE, so a person who was thrown out could come back with one that
 * was signed a moment before. Each REVOKE and CUT is remembered for that long, and older claims are
 * refused. The memory is bounded: if it overflows, all claims older than what was forgotten are
 * refused, which costs clients a second request, never anybody's privacy.
 */
#ifndef MARU_REVOKED_H
#define MARU_REVOKED_H

#include "claim.h"

#define REVOKED_MAX 20000

struct revocation;

/* Zeroed: empty. */
struct revoked {
	struct revocation *all;    /* by key */
	struct revocation *oldest; /* the same in the order of their coming */
	int64_t floor;             /* claims up to this time are refused whatever they say */
};

void revoked_finish(struct revoked *r);

/* Claims of user for channel that were signed at time or before are void. now: clock_wall(). */
void revoked_add_channel(
    struct revoked *r, uint64_t user, struct str channel, int64_t time, int64_t now);

/* The same for all claims of a session, or of a user where session is 0. */
void revoked_add_login(
    struct revoked *r, uint64_t user, uint64_t session, int64_t time, int64_t now);

/* Whether a claim for this channel was taken back. */
bool revoked_covers(const struct revoked *r, const struct claim *claim, struct str channel);

#endif
