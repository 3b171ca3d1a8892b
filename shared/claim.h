/* SPDX-License-Identifier: MIT */
/* The right to subscribe: what maru-api signs and maru-push checks without asking anybody.
 *
 * The text travels as `auth` of pusher:subscribe. Two forms:
 *
 *   key:signature          Pusher Channels' own form, made by an application's backend that knows
 *                          the secret. signature = HMAC-SHA256(secret, socket_id:channel or
 *                          socket_id:channel:channel_data) in hexadecimal.
 *   key:signature:claims   ours. claims = user.session.time.head.mid.from in decimal; the signed
 *                          text is claims:socket_id:channel:channel_data:<claims>, which no text
 *                          of the first form can equal, as that starts with a digit.
 *
 * A person signs in with `auth` of pusher:signin, key:signature, where signature =
 * HMAC-SHA256(secret, socket_id::user::user_data). No channel's name has a colon, so no other text
 * here equals that.
 *
 * https://pusher.com/docs/channels/library_auth_reference/auth-signatures/
 */
#ifndef MARU_CLAIM_H
#define MARU_CLAIM_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

#define CLAIM_MAX_AGE  60000 /* milliseconds that a claim may be used after it was signed */
#define CLAIM_TEXT_MAX 256   /* longest auth text that is looked at */

struct claim {
	uint64_t user;
	uint64_t session;
	int64_t time;  /* wall clock when it was signed, milliseconds */
	uint64_t head; /* the stream's seq before the right was looked up: a removal with a lower
			  seq was known then, one with a higher seq takes the right away again */
	uint64_t mid;  /* of the event at head, 0: not known */
	uint64_t from; /* events up to this seq are none of this person's business; may be above
			  head: who has just come back to a room */
};

/* What is signed and checked. channel_data is empty for channels that have none. */
struct claim_subject {
	struct str key;    /* app_key */
	struct str secret; /* app_secret */
	struct str socket_id;
	struct str channel;
	struct str channel_data;
};

enum claim_result {
	CLAIM_BAD,    /* malformed, another key, or not signed with our secret */
	CLAIM_STALE,  /* ours, but older than CLAIM_MAX_AGE or from the future by as much */
	CLAIM_OURS,   /* three parts, *out is filled */
	CLAIM_FOREIGN /* two parts, signed by a backend that knows the secret; *out is zero */
};

/* Appends the three-part auth text to out. */
void claim_sign(const struct claim_subject *s, const struct claim *c, struct buf *out);

/* Checks an auth text of either form. now: wall clock in milliseconds. */
enum claim_result claim_check(
    const struct claim_subject *s, struct str auth, int64_t now, struct claim *out);

/* The same for signing in: s->channel_data is the user_data, s->channel is not looked at. */
void claim_sign_person(const struct claim_subject *s, struct buf *out);
bool claim_check_person(const struct claim_subject *s, struct str auth);

#endif
