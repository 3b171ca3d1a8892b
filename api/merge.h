/* SPDX-License-Identifier: MIT */
/* Merging segments of the index of messages, and writing those anew of which something was deleted
 * or changed; see indexer.h. It takes one short step after the other, so that what is new need not
 * wait. */
#ifndef MARU_MERGE_H
#define MARU_MERGE_H

#include "searchbuild.h"

struct merge {
	struct searchbuild build;
	char *sources;                  /* ids of segments, JSON; NULL: nothing is being merged */
	uint64_t room, seq;             /* read up to here */
	uint64_t part_room, part_first; /* ranges up to this one were looked at */
	bool read;
	int64_t began, rest_until; /* monotonic */
};

/* Takes a step; *more: there is something to do at once. An error gives the merge up; another one
 * begins anew. */
enum err merge_step(struct merge *m, struct req *r, bool *more);

/* Frees what it has. */
void merge_finish(struct merge *m);

#endif
