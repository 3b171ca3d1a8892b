/* SPDX-License-Identifier: MIT */
/* What bench/chat.c says to a server, and what it understands: three dialects.
 *
 *   maru    messages by POST, listening by Pusher's protocol
 *   node    messages by POST, listening by socket.io
 *   socket  both by socket.io
 */
#ifndef BENCH_CHAT_TALK_H
#define BENCH_CHAT_TALK_H

#include "chat_people.h"

struct talk {
	const char *name;
	const char *prefix; /* of the addresses of the HTTP API */
	/* The address of the websocket, for an application's key. */
	void (*path)(char *out, size_t size, const char *key);
	/* A text has come to somebody's websocket. */
	void (*hear)(struct person *p, struct str text);
	/* Sends a message of the book. */
	void (*say)(uint64_t number);
};

/* NULL: there is none of this name. */
const struct talk *talk_find(const char *name);

#endif
