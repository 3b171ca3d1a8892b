/* SPDX-License-Identifier: MIT */
/* The tracks of a room and where its music is, for music.c and tracks.c. Whoever changes anything
 * holds the room's stream. */
#ifndef MARU_MUSICLIST_H
#define MARU_MUSICLIST_H

#include "musictime.h"
#include "req.h"

struct musiclist {
	uint64_t room;
	json_t *rows; /* the tracks as clients see them */
	struct musictime_track *tracks;
	size_t n;
	struct musictime at;
	bool known; /* the room has ever had music */
};

/* Reads both; `at` is where it stood when it was stored. */
enum err musiclist_read(struct req *r, uint64_t room, struct musiclist *m);

/* Holds the room for somebody who may direct its music, reads, and moves `at` to now. */
enum err musiclist_hold(struct req *r, uint64_t room, struct musiclist *m);

/* Stores `at`, and tells the room. */
enum err musiclist_store(struct req *r, const struct musiclist *m);

/* Around what takes messages away, while the room's stream is held: what plays goes on where it is
 * without their tracks. settle() comes after the event that tells of the loss. */
enum err musiclist_watch(struct req *r, uint64_t room, struct musiclist *before);
enum err musiclist_settle(struct req *r, struct musiclist *before);

/* The state as clients see it, without the tracks. */
json_t *musiclist_show(struct req *r, const struct musiclist *m);

#endif
