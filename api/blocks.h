/* SPDX-License-Identifier: MIT */
/* What others need to know about blocks. */
#ifndef MARU_BLOCKS_H
#define MARU_BLOCKS_H

#include "req.h"

/* Puts placeholders (shared/veil.h) in the place of messages of people whom the asker blocks, in an
 * array of messages; the same in the data of an array of events. */
enum err blocks_veil(struct req *r, json_t *messages);
enum err blocks_veil_events(struct req *r, json_t *events);

/* Adds before to a text, and the ids of members of a room whom the asker blocks, with commas
 * between them; nothing where there are none. At most
 * 7,000 bytes: nobody blocks more in one room. */
enum err blocks_list_room(struct req *r, uint64_t room, const char *before, struct buf *out);

/* What maru-push has to know with a claim: {at, ids}, `at` being the head of the asker's own stream
 * when the list was read, ids left out where there are none. The request owns it. */
enum err blocks_claim(struct req *r, json_t **out);

#endif
