/* SPDX-License-Identifier: MIT */
/* A channel and those who listen to it. hub.c makes and changes both; others look.
 */
#ifndef MARU_SUB_H
#define MARU_SUB_H

#include "conn.h"
#include "table.h"

#define SUB_WAITING UINT64_MAX

struct follow;
struct member;
struct reads;
struct tally;

/* One connection in one channel; in the channel's array and in the connection's list. */
struct sub {
	struct channel *channel;
	struct conn *conn;
	struct member *member; /* of a presence channel */
	struct sub *next;
	uint64_t floor; /* of a stream's channel: events up to this seq are not sent; SUB_WAITING:
			 * not confirmed yet, nothing is */
	uint64_t from;  /* events up to this seq are none of this person's business */
	uint64_t mid;   /* follow.c: of the event at floor if it is yet to come; 0: not known */
	uint32_t place; /* in channel->subs, so that leaving costs the same in any room */
};

/* Exists while anybody is subscribed, or was a moment ago; with a stream behind it a little longer.
 */
struct channel {
	UT_hash_handle hh;
	struct sub **subs;
	uint32_t count, size;
	struct member *members; /* of a presence channel, by user_id; some may only linger */
	struct tally *tally;    /* a count was told a moment ago */
	struct reads *reads;    /* cursors were told a moment ago */
	bool presence;
	bool crowded;          /* presence.h: members are counted, not told one by one */
	struct follow *follow; /* the stream behind it, NULL for channels of other names */
	uint32_t name_len;
	char name[];
};

/* What a walk over ch->subs will touch soon: in a large channel none of it is in the cache. */
static inline void
sub_fetch_ahead(const struct channel *ch, uint32_t i)
{
	if (ch->count - i <= 8)
		return;
	__builtin_prefetch(ch->subs[i + 8]);
	__builtin_prefetch(ch->subs[i + 4]->conn);
	__builtin_prefetch(&ch->subs[i + 4]->conn->ring);
}

#endif
