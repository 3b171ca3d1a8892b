/* SPDX-License-Identifier: MIT */
/* Rights that were taken back while claims about them are still fresh.
 *
 * A claim is good for CLAIM_MAX_AGE, so a person who was thrown out could come back with one that
 * was signed a moment before. It tells the head of the room's stream at that time: a removal with
 * a higher seq voids it, whatever any clock says. In the same way it tells how old its list of
 * blocked people is. Each removal, ended session and changed list is remembered as long as a claim
 * may live. The memory is bounded: if it overflows, all claims older than what
 * was forgotten are refused, which costs clients a second request, never anybody's privacy.
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
	unsigned max;              /* how many are remembered; 0: REVOKED_MAX */
};

void revoked_finish(struct revoked *r);

/* The event seq of the channel removed this user (WIRE_EVERYBODY: all). now: clock_wall(). */
void revoked_add_member(
    struct revoked *r, uint64_t user, struct str channel, uint64_t seq, int64_t now);

/* All claims of this session are void for good. */
void revoked_add_session(struct revoked *r, uint64_t session, int64_t now);

/* Whom this user blocks has changed at a seq of the own stream: lists from before are void. */
void revoked_add_blocks(struct revoked *r, uint64_t user, uint64_t at, int64_t now);

/* Whether a list from this seq is. */
bool revoked_covers_blocks(const struct revoked *r, uint64_t user, uint64_t at);

/* Whether a claim for this channel was taken back. */
bool revoked_covers(const struct revoked *r, const struct claim *claim, struct str channel);

#endif
