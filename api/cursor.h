/* SPDX-License-Identifier: MIT */
/* What a client has of each stream: "lobby:40:77,presence-room-7:12", that is channel:seq and, if
 * it says so, :mid of its last event. The form of `since` of /v1/sync and of the ids of Server-Sent
 * Events. */
#ifndef MARU_CURSOR_H
#define MARU_CURSOR_H

#include "shared/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct cursor {
	uint64_t seq;
	const char *mid; /* in the arena; NULL: it does not say */
};

/* Finds the cursor of a channel; false if the text does not name it. */
bool cursor_find(struct arena *mem, const char *text, const char *channel, struct cursor *c);

#endif
