/* SPDX-License-Identifier: MIT */
/* What others need to know about rooms. */
#ifndef MARU_ROOMS_H
#define MARU_ROOMS_H

#include "req.h"
#include "shared/event.h"

/* What somebody may do in a room. */
enum rank { RANK_NONE, RANK_MEMBER, RANK_MODERATOR, RANK_HOST };

/* The room's row as it is now, with what the asker may do in it: what handlers decide on. A room
 * that the asker may not know of is as good as missing (ERR_NOT_FOUND): a group, direct or hidden
 * one that they are not in. Admins know of all but direct ones. */
enum err rooms_find(struct req *r, uint64_t room, json_t **out);

/* As rooms_find, and ERR_NOT_MEMBER unless the asker is a member. */
enum err rooms_require(struct req *r, uint64_t room, json_t **out);

/* ERR_FORBIDDEN unless the asker has at least this rank in the room that
 * rooms_find() gave. Admins have every rank, also where they are no members; in direct rooms nobody
 * is more than a member. */
enum err rooms_require_rank(struct req *r, const json_t *row, enum rank rank);

/* ERR_NOT_SENDABLE for what is to stay in a conversation of two that the other has left: whoever
 * comes back would see it. */
enum err rooms_require_reader(const json_t *row);

/* Whether it is the room of two people. */
bool rooms_is_direct(const json_t *row);

/* Whether strangers see the room that rooms_find() gave in lists: what happens to it is told to the
 * lobby. */
bool rooms_is_listed(const json_t *row);

/* Takes a room out of the world, whose stream is held: its members are told on their own streams.
 */
enum err rooms_erase(struct req *r, uint64_t room);

/* Tells the lobby of a room that is listed there; row is the room's. */
enum err rooms_announce(struct req *r, enum event ev, const json_t *row);

/* Answers with the room that rooms_find() gave, as the asker sees it. */
enum err rooms_reply(struct req *r, int status, const json_t *row);

/* Changes a room as the body of a PATCH does: 200 with it. Begins a transaction. */
struct roomform;
enum err rooms_change(struct req *r, uint64_t room, const struct roomform *f);

/* The room as clients see it, and as its asker does (joined, liked); new references. */
json_t *rooms_public(const json_t *row);
json_t *rooms_shown(const json_t *row);

/* The rooms of these rows, which have an id, in their order, as the asker sees them. */
enum err rooms_show_all(struct req *r, const json_t *found, json_t **out);

/* Lets searches find the room by its title, once that is stored, as long as it is listed: how long
 * others take shall not tell of words in the titles of the rest. */
enum err rooms_index(struct req *r, const json_t *row);

/* The same for some rooms behind *after, which goes on, that are older than searches are; true:
 * there may be more. The feeder does it once. */
bool rooms_index_step(struct req *r, uint64_t *after);

#endif
