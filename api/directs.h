/* SPDX-License-Identifier: MIT */
/* What others need to know about direct rooms: the one room of two people. */
#ifndef MARU_DIRECTS_H
#define MARU_DIRECTS_H

#include "req.h"

/* Adds to the direct rooms in an array of rooms what the asker sees there: partner {id, name,
 * nickname, avatar, status_message}, sendable, and reason where it is not. */
enum err directs_describe(struct req *r, json_t *rooms);

/* Erases a direct room that its last member has just left; any other room is left alone. row is
 * what rooms_find() gave before, the room's stream is held. */
enum err directs_close(struct req *r, const json_t *row);

/* Takes the asker out of the direct room with somebody, if they are in one, and leaves both
 * people's streams held, as pairs_hold() does: no direct room of the two comes to be until the end.
 * Because rooms are locked before people, this comes first in a transaction; at most pairs_freeze()
 * before it. ERR_NOT_FOUND if there is no such account. */
enum err directs_part(struct req *r, uint64_t other);

#endif
