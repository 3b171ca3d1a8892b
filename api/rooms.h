/* SPDX-License-Identifier: MIT */
/* What others need to know about rooms. */
#ifndef MARU_ROOMS_H
#define MARU_ROOMS_H

#include "req.h"
#include "shared/event.h"

/* The room's row as it is now, with `joined` for the asker: what handlers decide on. A group room
 * is as good as missing (ERR_NOT_FOUND) for whoever is not in it. */
enum err rooms_find(struct req *r, uint64_t room, json_t **out);

/* As rooms_find, and ERR_NOT_MEMBER unless the asker is a member. */
enum err rooms_require(struct req *r, uint64_t room, json_t **out);

/* ERR_FORBIDDEN unless the asker is the host of the room that rooms_find() gave. */
enum err rooms_require_host(struct req *r, const json_t *row);

/* Takes a room out of the world, whose stream is held: its members are told on their own streams.
 */
enum err rooms_erase(struct req *r, uint64_t room);

/* Tells the lobby of a room that is listed there; row is the room's. */
enum err rooms_announce(struct req *r, enum event ev, const json_t *row);

/* The room as clients see it; a new reference. */
json_t *rooms_public(const json_t *row);

#endif
