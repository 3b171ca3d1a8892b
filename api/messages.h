/* SPDX-License-Identifier: MIT */
/* What others need to know about messages. */
#ifndef MARU_MESSAGES_H
#define MARU_MESSAGES_H

#include "stream.h"

/* ERR_NOT_MEMBER or ERR_NOT_FOUND unless the asker may see what has this seq in the room. */
enum err messages_require(struct req *r, uint64_t room, uint64_t seq);

/* The message that has this seq, if the asker may see it. ERR_NOT_MEMBER; ERR_NOT_FOUND, also for
 * one that was deleted. */
enum err messages_find(struct req *r, uint64_t room, uint64_t seq, json_t **message);

/* For whoever is about to change a message: takes the room's next seq, and reads the message under
 * that lock. ERR_NOT_FOUND for one that does not exist or was deleted. */
enum err messages_hold(struct req *r, struct stream_pos *at, json_t **message);

/* Stores and announces the message as it is after a change. */
enum err messages_announce(struct req *r, const struct stream_pos *at, uint64_t seq, enum event ev);

#endif
