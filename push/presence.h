/* SPDX-License-Identifier: MIT */
/* Who is in a presence channel. A person with three windows is one member, who comes with the first
 * and goes with the last. Called by hub.c and tally.c alone.
 *
 * Whoever lost the last connection lingers for presence_linger before the others are told, so that
 * a page that is loaded again does not flicker. Whoever leaves on purpose, logs out or is thrown
 * out is gone at once.
 *
 * With more than PRESENCE_LISTED members a channel is crowded: telling everybody of everybody would
 * cost the square of its size. Then comings and goings are no longer told one by one, but as
 * `maru:presence_count` {"count"}, once a second (tally.h); when it is small again, once as
 * `maru:presence` with the whole list.
 */
#ifndef MARU_PRESENCE_H
#define MARU_PRESENCE_H

#include "hub.h"
#include "later.h"

#define PRESENCE_LISTED 100 /* members that subscription_succeeded lists */

struct member {
	UT_hash_handle hh;
	struct later going; /* lingers: count is 0 */
	struct hub *hub;    /* for the end of that */
	struct channel *channel;
	uint32_t count; /* connections */
	uint32_t id_len, info_len;
	char text[]; /* id, then info */
};

/* Counts one more connection of who, and tells the others if nobody of that id was here. */
struct member *presence_enter(struct hub *h, struct channel *ch, const struct who *who);

/* Counts one less. After the last one the member is gone, or lingers. */
void presence_leave(struct member *m, bool linger);

/* Members who only linger are gone: the one of this id, or all (an empty id). */
void presence_end_linger(struct channel *ch, struct str id);

/* Whether somebody of this id is a member of a presence channel, or lingers. */
bool presence_has(const struct channel *ch, struct str id);

/* Writes {"presence":{"count":..,"ids":[..],"hash":{..}}} for a subscriber (NULL: for anybody who
 * blocks nobody); who it is itself is listed in any case. */
void presence_list(const struct channel *ch, const struct sub *s, struct buf *out);

/* The connection's person blocks somebody (on), who is gone from its rooms then, or no longer does.
 */
void presence_veil(struct conn *c, uint64_t user, bool on);

/* Tells all in a crowded channel how many they are, or who, if it is crowded no longer. */
void presence_tell_count(struct channel *ch);

struct str presence_id(const struct member *m);

/* The user behind a member of a room; 0 for most of what applications call theirs. */
uint64_t presence_user(const struct member *m);

#endif
