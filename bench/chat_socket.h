/* SPDX-License-Identifier: MIT */
/* The client's side of a websocket, for bench/chat.c: RFC 6455 without fragments and extensions,
 * which no server uses that did not agree on them.
 */
#ifndef BENCH_CHAT_SOCKET_H
#define BENCH_CHAT_SOCKET_H

#include "chat_net.h"

#include <stdbool.h>

struct websocket {
	struct peer peer;
	bool open; /* the server has agreed */
};

struct websocket_events {
	/* A text message has arrived; it is gone after the call. */
	void (*text)(struct websocket *w, struct str text);
	void (*closed)(struct websocket *w, struct str why);
};

/* Whom all websockets report to. */
void websocket_start(const struct websocket_events *events);

void websocket_open(struct websocket *w, unsigned port, const char *path);
void websocket_send(struct websocket *w, struct str text);

#endif
