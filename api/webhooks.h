/* SPDX-License-Identifier: MIT */
/* What others need to know about webhooks. */
#ifndef MARU_WEBHOOKS_H
#define MARU_WEBHOOKS_H

#include "rooms.h"

#define WEBHOOKS_SECRET 24 /* bytes */

/* Holds the room's stream for whoever has this rank in it, and finds the webhook of the path. What
 * happens takes no seq, as it is told to nobody. */
enum err webhooks_hold(struct req *r, enum rank rank, json_t **webhook);

/* The webhook of the path, for who has this rank. */
enum err webhooks_find(struct req *r, enum rank rank, json_t **webhook);

/* ERR_FORBIDDEN where the server posts to nobody. */
enum err webhooks_require_courier(struct req *r);

#endif
