/* SPDX-License-Identifier: MIT */
/* What others need to know about desks. */
#ifndef MARU_DESKS_H
#define MARU_DESKS_H

#include "req.h"

/* Somebody leaves a room whose stream is held: so they have left its desk. Their own stream is told
 * of it; the room hears that they left. */
enum err desks_close(struct req *r, uint64_t room, uint64_t user);

/* Holds the asker's own stream, and before it that of the room where they sit. *room: 0 if they sit
 * nowhere. */
enum err desks_hold(struct req *r, uint64_t *room);

/* Tells room and person of the desk that desks_hold() found: the time of today is another one. */
enum err desks_announce(struct req *r, uint64_t room);

/* Both at once, after a change of the asker's days. */
enum err desks_refresh(struct req *r);

/* The desk of somebody as clients see it; NULL if they sit nowhere. */
enum err desks_find(struct req *r, uint64_t user, json_t **out);

/* For deskwatch.c, in transactions of their own. Whoever is gone has left when they were seen last;
 * who was not seen for a while, or studies for a day without a pause, begins anew. */
enum err desks_expire(struct req *r, uint64_t room, uint64_t user);
enum err desks_restart(struct req *r, uint64_t room, uint64_t user);

#endif
