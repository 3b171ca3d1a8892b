/* SPDX-License-Identifier: MIT */
/* Who is in a presence channel. A person with three windows is one member, who comes with the first
 * and goes with the last. Called by hub.c alone.
 */
#ifndef MARU_PRESENCE_H
#define MARU_PRESENCE_H

#include "hub.h"

/* Members that subscription_succeeded lists; `count` tells them all. Telling everybody in a huge
 * room to everybody who enters would cost the square of its size. */
#define PRESENCE_LISTED 1000

struct member {
	UT_hash_handle hh;
	uint32_t count; /* connections */
	uint32_t id_len, info_len;
	char text[]; /* id, then info */
};

/* Counts one more connection of who; *first: nobody of that id was here. */
struct member *presence_enter(struct channel *ch, const struct who *who, bool *first);

/* Counts one less; true: it was the last, and the member is freed. */
bool presence_exit(struct channel *ch, struct member *m);

/* Writes {"presence":{"count":..,"ids":[..],"hash":{..}}}; self is listed in any case. */
void presence_list(const struct channel *ch, const struct member *self, struct buf *out);

/* The messages that tell the others. */
struct msg *presence_added(const struct channel *ch, const struct member *m);
struct msg *presence_removed(const struct channel *ch, const struct member *m);

struct str presence_id(const struct member *m);

#endif
