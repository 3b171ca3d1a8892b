/* SPDX-License-Identifier: MIT */
/* What others need to know about messages. */
#ifndef MARU_MESSAGES_H
#define MARU_MESSAGES_H

#include "stream.h"

/* For whoever is about to change a message: takes the room's next seq, and reads the message under
 * that lock. ERR_NOT_FOUND for one that does not exist or was deleted. */
enum err messages_hold(struct req *r, struct stream_pos *at, json_t **message);

#endif
