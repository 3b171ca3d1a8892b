/* SPDX-License-Identifier: MIT */
/* What the index of messages knows of a search: streams of candidates, each of a part of a room
 * (search_part in schema.sql), and which of them can have the newest. */
#ifndef MARU_SEARCHLIST_H
#define MARU_SEARCHLIST_H

#include "searchfind.h"

struct searchstream {
	uint64_t room, first;
	uint32_t base;
	const uint32_t *numbers; /* ascending; NULL: every seq from first on */
	uint32_t n;              /* candidates that are left */
	unsigned taken;          /* times that some were taken */
	int64_t bound;           /* no candidate that is left is newer */
	int64_t newest, slack;   /* of the part */
};

#define SEARCHLIST_GRAMS 16

struct searchlist {
	const char *grams; /* JSON: keys that each message must have; NULL: none is known */
	size_t n;          /* how many */
	struct searchstream *heap;
	size_t size, room;
	uint32_t *numbers; /* of the segment at hand */
	size_t numbers_room;
};

/* Chooses keys for what is searched for. */
void searchlist_init(struct searchlist *l, struct arena *mem, const struct searchfind *f);
void searchlist_finish(struct searchlist *l);

/* Adds the streams of segments, a JSON array of ids. */
enum err searchlist_load(
    struct searchlist *l, struct req *r, const struct searchfind *f, const char *segments);

/* The highest bound; INT64_MIN: there are no streams. */
int64_t searchlist_bound(const struct searchlist *l);

/* Takes the stream with the highest bound, and puts one back. */
struct searchstream searchlist_pop(struct searchlist *l);
void searchlist_push(struct searchlist *l, const struct searchstream *stream);

/* Takes the next candidate of a stream, the one with the highest seq; false: there is none. */
bool searchlist_next(struct searchstream *stream, uint64_t *seq);

/* The seq of the next candidate of a stream that has one, and going on with those up to a seq. */
uint64_t searchlist_last(const struct searchstream *stream);
void searchlist_trim(struct searchstream *stream, uint64_t last);

#endif
