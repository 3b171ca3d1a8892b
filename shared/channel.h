/* SPDX-License-Identifier: MIT */
/* The channels of our streams: presence-room-7, private-user-5, lobby, and #system, which clients
 * can't name. All other names belong to applications. */
#ifndef MARU_CHANNEL_H
#define MARU_CHANNEL_H

#include "wire.h"

/* Who is online at all, with the setting lobby_presence; there is no stream behind it. */
#define CHANNEL_HALL "presence-lobby"

/* What the people in a call say to each other, presence-call-3; no stream either. */
#define CHANNEL_CALL "presence-call-"

#define CHANNEL_TEXT_SIZE 40 /* of the name of one of our channels, with NUL */

/* Writes a stream's channel; returns its length. */
size_t channel_write(enum wire_kind kind, uint64_t id, char out[CHANNEL_TEXT_SIZE]);

/* The stream behind a name; false if the channel is none of ours. */
bool channel_read(struct str name, enum wire_kind *kind, uint64_t *id);

/* The same for the channel of a call. */
size_t channel_write_call(uint64_t id, char out[CHANNEL_TEXT_SIZE]);
bool channel_read_call(struct str name, uint64_t *id);

#endif
