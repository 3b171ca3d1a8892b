/* SPDX-License-Identifier: MIT */
/* How people come into rooms: by themselves (members.c), by invite (invites.c), put there by
 * friends (members.c), and with a new group (rooms.c). */
#ifndef MARU_ADMISSION_H
#define MARU_ADMISSION_H

#include "stream.h"

/* Puts somebody into a room whose stream is held, and tells the room and that person; row is the
 * room's. ERR_BANNED, ERR_ROOM_FULL. *status is 201; 200 for a member, then all was rolled back. */
enum err admission_grant(
    struct req *r, const struct stream_pos *at, json_t *row, uint64_t user, int *status);

/* ERR_UNREACHABLE unless all of these people (an array of different ids) are the asker's friends
 * and no block stands between: nobody is put into a room by strangers. What it is, and whether
 * there is such a person, is not told. */
enum err admission_require_friends(struct req *r, const json_t *ids);

/* Puts friends (as above; NULL: none) into a room that the asker has just made in this transaction,
 * and tells all of them, and the asker, of it; row: the room as it then is. The streams of people
 * are taken in the order of their ids, the asker's among them, so that two who found rooms with
 * each other never wait for each other. ERR_UNREACHABLE, ERR_ROOM_FULL. */
enum err admission_found(struct req *r, uint64_t room, const json_t *ids, json_t **row);

#endif
