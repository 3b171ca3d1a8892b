/* SPDX-License-Identifier: MIT */
/* Makes a segment of the index of messages (search_segment in schema.sql), in memory first: what is
 * added is sorted, written bit by bit, and found from the moment when it is published.
 */
#ifndef MARU_SEARCHBUILD_H
#define MARU_SEARCHBUILD_H

#include "req.h"

#define SEARCHBUILD_PART 256 /* seqs of a part, at most */

struct searchbuild_part {
	uint64_t room, first, last;
	uint32_t base;
	int64_t oldest, newest, slack;
};

struct searchbuild_posting {
	uint64_t key;
	uint32_t number;
};

struct searchbuild {
	uint64_t segment; /* 0: has no row yet */
	struct searchbuild_part *parts;
	size_t n, size;
	struct searchbuild_posting *postings;
	size_t count, room; /* that there are, that there is room for */
	size_t written;
	struct arena mem; /* of the message at hand */
};

/* Frees what it has, and makes it empty. Accepts a zeroed one. */
void searchbuild_clear(struct searchbuild *b);

/* Adds a message, unless its room has forgotten it: a row with seq, sender, body, type, entities,
 * kept and at, milliseconds. Rooms, and in
 * them seqs, come in ascending order. */
void searchbuild_add(struct searchbuild *b, uint64_t room, const json_t *row);

/* Takes an id for the segment and sorts; nothing may be added afterwards. */
enum err searchbuild_begin(struct searchbuild *b, struct req *r);

/* Writes some of it; *more: there is more to write. */
enum err searchbuild_write(struct searchbuild *b, struct req *r, bool *more);

/* Within a transaction: makes it found in place of other segments, a JSON array as text, "[]" for
 * none. Then it is to be cleared. */
enum err searchbuild_publish(struct searchbuild *b, struct req *r, const char *others);

#endif
