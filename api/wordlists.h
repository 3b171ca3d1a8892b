/* SPDX-License-Identifier: MIT */
/* The words of rooms as each worker remembers them. A change counts everywhere after 2 seconds. */
#ifndef MARU_WORDLISTS_H
#define MARU_WORDLISTS_H

#include "req.h"

/* Folded words of a room. */
struct wordlist {
	const char **refuse, **mask;
	size_t refuse_count, mask_count;
};

/* The words of a room, 0: those that hold anywhere; *out is NULL if there are none, and good for
 * this request. */
enum err wordlists_get(struct req *r, uint64_t room, const struct wordlist **out);

/* Says within the transaction that words were changed. Locks a row of all of them: last. */
enum err wordlists_changed(struct req *r);

/* Has this worker ask anew. */
void wordlists_forget(void);

#endif
