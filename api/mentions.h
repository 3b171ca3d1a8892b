/* SPDX-License-Identifier: MIT */
/* Mentions: @name of a member of the room, by the name they log in with or, where just one member
 * has it, by the nickname; the longest that fits. A Korean particle may follow: "@민아야". @all is
 * everybody; in rooms that strangers can join only the host and moderators have it, elsewhere it is
 * text.
 *
 * Whom a message mentions stands in the table mention, one row each, and one with user 0 for @all;
 * but not who sent it, nor who blocks whoever did.
 */
#ifndef MARU_MENTIONS_H
#define MARU_MENTIONS_H

#include "req.h"
#include "rich.h"

#define MENTIONS_MAX 50 /* signs of a text that are looked at */

/* Finds the mentions of a text of the asker's, and makes spans of them. *users is a JSON array of
 * the ids, 0 for all, or NULL: nobody. Asks the database only if there is an @. */
enum err mentions_find(struct req *r, uint64_t room, struct rich *t, const char **users);

/* Stores whom a message mentions now that it was changed, in a transaction that holds the room's
 * stream. *added: those who were not mentioned before, as *users above. */
enum err mentions_replace(
    struct req *r, uint64_t room, uint64_t seq, const char *users, const char **added);

#endif
