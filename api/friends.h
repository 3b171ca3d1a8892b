/* SPDX-License-Identifier: MIT */
/* What others need to know about friends. */
#ifndef MARU_FRIENDS_H
#define MARU_FRIENDS_H

#include "req.h"

/* Ends a friendship of the two, and takes back or declines a request, and tells whoever could see
 * it. What the other asked for stays `sent` on their side: they are not told that it is in vain.
 * Needs a transaction in which both their streams are held (pairs_hold(), directs_part()). had:
 * whether there was anything on the asker's side; may be NULL. */
enum err friends_forget(struct req *r, uint64_t other, bool *had);

/* Tells somebody's friends, and those who have a request of theirs, what they look like now; not
 * those who asked them: there may be any number of them. The change was made in this
 * transaction, before, and rooms were told before. Their own stream is held or appended to
 * only after this, or the order of ids is not kept. */
enum err friends_announce(struct req *r, uint64_t user);

#endif
