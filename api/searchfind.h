/* SPDX-License-Identifier: MIT */
/* Finds messages, the newest first. The index (search_segment in schema.sql) says which messages
 * may be meant; whether one is, and whether the asker may see it, is decided by the message itself,
 * as it is now. So nothing that was deleted or changed is found wrongly, however old the index is.
 */
#ifndef MARU_SEARCHFIND_H
#define MARU_SEARCHFIND_H

#include "req.h"
#include "searchquery.h"

/* A place in the order of results: by time in milliseconds, then room, then seq, all descending. */
struct searchplace {
	int64_t at;
	uint64_t room, seq;
};

/* Before everything, and before everything of a time. */
#define SEARCHPLACE_NEWEST INT64_C(253402300799999) /* 9999 ends */
#define SEARCHPLACE_FIRST  UINT64_C(999999999999999999)

struct searchfind {
	const struct searchquery *query;
	uint64_t room;            /* 0: all rooms of the asker */
	uint64_t sender;          /* 0: anybody */
	int64_t since;            /* milliseconds */
	struct searchplace after; /* what is found comes behind it */
	size_t limit;

	json_t *rows; /* found; `n` is their place, from 0 on */
	bool more;    /* there may be further ones */
	bool partial; /* as it took too long; then there may be less than limit, or none */
	struct searchplace next; /* with more: go on behind it */
};

/* Fills the lower half. What it gives belongs to the request. */
enum err searchfind_run(struct req *r, struct searchfind *f);

#endif
