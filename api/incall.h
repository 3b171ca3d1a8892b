/* SPDX-License-Identifier: MIT */
/* Who is in a call, and who is rung. A person is in one call at most, with one peer: a window that
 * speaks for them. All changes happen while the stream of the room is held; whoever comes in, and
 * whoever is rung, has their own stream held as well, so that nobody is in two calls.
 */
#ifndef MARU_INCALL_H
#define MARU_INCALL_H

#include "req.h"
#include "shared/event.h"

/* The call as clients see it; row: of sql_call_get(). */
enum err incall_show(struct req *r, const json_t *row, json_t **out);

/* The same of all these rows, which stand by id, the highest first. */
enum err incall_show_all(struct req *r, const json_t *rows, json_t **out);

/* Whether somebody is in this call, not only rung for it. */
enum err incall_has(struct req *r, uint64_t call, uint64_t user, bool *in);

/* Somebody hears a call of which they are no part, as it seemed: whoever told maru-push that they
 * left died before. They may have come meanwhile; else their right is taken back at once. */
enum err incall_check(struct req *r, uint64_t call, uint64_t user);

/* The asker comes in with this peer, or moves to it. *changed: whether anything is different.
 * ERR_CALL_FULL; ERR_RETRY: is in another call meanwhile. */
enum err incall_enter(struct req *r, const json_t *row, const char *peer, bool *changed);

/* Rings somebody. ERR_CALLEE_BUSY, ERR_CALL_FULL, ERR_UNREACHABLE. *changed: false if they are in
 * it or rung already. */
enum err incall_ring(struct req *r, const json_t *row, uint64_t user, bool *changed);

/* Tells the room of the call as it is now. */
enum err incall_announce(struct req *r, uint64_t call, enum event ev, json_t **out);

/* Why somebody is in a call no more: words of the API. NULL of somebody who leaves or rejects. */
#define INCALL_LOST       "lost"
#define INCALL_OFFLINE    "offline"
#define INCALL_UNANSWERED "unanswered"

/* Somebody leaves the call, or rings no more, in a transaction of its own. ERR_NOT_FOUND: they are
 * not in it. Whoever is rung and has not rejected finds that they missed the call
 * (notifications.h). */
enum err incall_leave(struct req *r, uint64_t call, uint64_t user, const char *why);

/* Who is rung no longer in time, or was not seen: the reason is found here. */
enum err incall_expire(struct req *r, uint64_t call, uint64_t user);

/* Somebody is no member of a room any more, whose stream is held: so they have left its call. */
enum err incall_close(struct req *r, uint64_t room, uint64_t user);

/* A room ends, whose stream is held. Nobody is told but who is rung. */
enum err incall_erase(struct req *r, uint64_t room);

#endif
