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

/* The state as clients see it, without the tracks. */
json_t *musiclist_show(struct req *r, const struct musiclist *m);

#endif
