/* SPDX-License-Identifier: MIT */
/* May this connection listen to that channel? The whole rule, as a pure function.
 *
 * Public channels, `lobby` among them, are for everybody. `private-` and `presence-` ones need a
 * claim (claim.h). Maru's own, `presence-room-<id>`, `presence-call-<id>` and `private-user-<id>`,
 * take only a claim of maru-api's, which names the person: nobody can be somebody else in a room,
 * nor read another's channel; so does `presence-lobby` where everybody sees who is online. All
 * other names belong to the application and may be signed by its own backend.
 */
#ifndef MARU_GRANT_H
#define MARU_GRANT_H

#include "claim.h"
#include "conn.h"
#include "revoked.h"

enum grant_kind { GRANT_PUBLIC, GRANT_PRIVATE, GRANT_PRESENCE };

/* What the client said in pusher:subscribe. */
struct grant_request {
	struct str channel;
	struct str auth;
	struct str channel_data; /* signed text */
	struct str member;       /* user_id in channel_data; presence channels only */
	uint64_t blocks_at;      /* of "blocks" in channel_data, see blocked.h */
};

/* By the prefix alone. */
enum grant_kind grant_kind(struct str channel);

/* Whether Pusher Channels allows this name. */
bool grant_name_ok(struct str channel);

/* Whether it is presence-lobby, where that is ours (lobby_presence). */
bool grant_is_hall(const struct conn *c, struct str channel);

/* NULL if it may, else one sentence for the client. *claim is filled for claims of maru-api and
 * zero otherwise. now: clock_wall(). */
const char *grant_check(const struct conn *c, const struct revoked *revoked,
    const struct grant_request *r, int64_t now, struct claim *claim);

#endif
