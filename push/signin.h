/* SPDX-License-Identifier: MIT */
/* Who signed in (pusher:signin), on which connections, and who wants to know of it.
 *
 * A connection that signed in hears what is published to `#server-to-user-<id>`. Its watchlist
 * names people whose coming and going it is told; the first connection of a person is a coming, the
 * last one's end a going, after presence_linger. A change costs one message and one place in the
 * queue of each watcher; the watchlists take SIGNIN_WATCHED entries of each connection at most.
 *
 * A user_data of maru-api's (for a user of Maru's own) also tells session and time, so that a
 * logout ends this, too. Users of an application have ids of its own choice.
 */
#ifndef MARU_SIGNIN_H
#define MARU_SIGNIN_H

#include "hub.h"

#define SIGNIN_WATCHED 100 /* people that one connection may watch */
#define SIGNIN_ID_MAX  128 /* bytes of a person's id */

/* Checks what a client sent and signs it in, or answers with an error. */
void signin_take(struct hub *h, struct conn *c, struct str auth, struct str user_data);

/* The connection ends. May be called for any, and twice. */
void signin_leave(struct conn *c);

/* Who it is in presence channels; empty before it signed in. */
struct who signin_who(const struct conn *c);

/* Whether this is the channel of its person, to which it is subscribed without having asked. Some
 * clients ask nevertheless. */
bool signin_is_own(const struct conn *c, struct str channel);

/* Closes all connections of a person. */
void signin_cut(struct str id, unsigned code, const char *why);

#endif
