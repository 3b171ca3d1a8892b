/* SPDX-License-Identifier: MIT */
/* What others need to know about blocks. */
#ifndef MARU_BLOCKS_H
#define MARU_BLOCKS_H

#include "req.h"

/* Puts placeholders (shared/veil.h) in the place of messages of people whom the asker blocks, in an
 * array of messages; the same in the data of an array of events. */
enum err blocks_veil(struct req *r, json_t *messages);
enum err blocks_veil_events(struct req *r, json_t *events);

/* What maru-push has to know with a claim: {at, ids}, `at` being the head of the asker's own stream
 * when the list was read, ids left out where there are none. The request owns it. */
enum err blocks_claim(struct req *r, json_t **out);

#endif
