/* SPDX-License-Identifier: MIT */
/* Where the music of a room is: a list that is played in its order, round and round. Nothing runs
 * anywhere for that: from where it stood and since when it has played, everybody finds it. */
#ifndef MARU_MUSICTIME_H
#define MARU_MUSICTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct musictime_track {
	uint64_t id;
	int64_t duration; /* milliseconds, more than 0 */
};

struct musictime {
	uint64_t track;   /* 0: none was chosen, or the list is empty */
	int64_t position; /* milliseconds from its beginning */
	int64_t since;    /* wall clock in milliseconds; 0: it is paused */
};

/* The place of a track in the list; n: it is not there. */
size_t musictime_find(const struct musictime_track *tracks, size_t n, uint64_t id);

/* Moves `at` to where the music is at a time, and there it plays since now. A track that is not in
 * the list: no music. now: wall clock in milliseconds; before `since` counts as then. */
void musictime_advance(
    struct musictime *at, const struct musictime_track *tracks, size_t n, int64_t now);

/* A track is about to be taken off: if it is the one at `at`, the next one begins, or nothing does
 * if there is no other. */
void musictime_drop(
    struct musictime *at, const struct musictime_track *tracks, size_t n, uint64_t track);

#endif
