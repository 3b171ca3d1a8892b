/* SPDX-License-Identifier: MIT */
/* Who has read a room up to where, told to those in it as `maru:read`, at most once a second: the
 * first move at once, and those of the next second together when it is over. Of one person the
 * furthest counts. Whoever blocks a reader is not told of that one.
 *
 * {"cursors":[{"seq":12,"users":[5,6]}]}: it goes the way of events, not of hints, because a client
 * has to have heard of every move since it asked for the cursors. How long it is is bounded by how
 * many requests maru-api answers in a second.
 */
#ifndef MARU_READS_H
#define MARU_READS_H

#include "hub.h"

/* A person has read the room up to seq. shown: whether others are told; the own connections are in
 * any case, each move by itself, as `maru:read_own`. */
void reads_moved(
    struct hub *h, struct str room, uint64_t id, uint64_t user, uint64_t seq, bool shown);

/* The channel is being freed. */
void reads_drop(struct channel *ch);

#endif
