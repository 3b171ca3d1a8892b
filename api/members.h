/* SPDX-License-Identifier: MIT */
/* What others need to know about members. */
#ifndef MARU_MEMBERS_H
#define MARU_MEMBERS_H

#include "stream.h"

/* Answers with a membership. */
enum err members_reply(struct req *r, int status, uint64_t room, uint64_t user);

/* Takes somebody out of a room whose stream is held, and tells the room and that person; row is
 * what rooms_find() gave. The event is the last one of the room that they get; its data, NULL for
 * the membership as it was. ERR_NOT_FOUND if they are not in the room. */
enum err members_remove(struct req *r, const struct stream_pos *at, json_t *row, uint64_t user,
    enum event ev, json_t *data);

/* ERR_FORBIDDEN unless the asker stands above this member (of sql_member_get()) of the room that
 * rooms_find() gave. */
enum err members_require_above(struct req *r, const json_t *row, const json_t *member);

/* ERR_MUTED if the asker may not write in the room for now. Its stream is held. */
enum err members_require_voice(struct req *r, uint64_t room);

/* The name under which the mute of somebody who has left is kept. */
const char *members_mute_name(struct req *r, uint64_t room, uint64_t user);

/* Tells each room of somebody what the member looks like now. The change was made in this
 * transaction, before: its lock on the user's row keeps joins away, so none sees the old name after
 * this. */
enum err members_announce(struct req *r, uint64_t user);

#endif
