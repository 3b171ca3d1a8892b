/* SPDX-License-Identifier: MIT */
/* A pool of HTTP connections, for bench/chat.c. A request that finds none free waits for one. */
#ifndef BENCH_CHAT_HTTP_H
#define BENCH_CHAT_HTTP_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct http_post {
	char path[64];
	const char *token;
	struct buf body; /* JSON; empty at first */
};

/* What the requests of one kind have in common; a number tells them apart. */
struct http_kind {
	/* Its turn has come. */
	void (*write)(uint64_t number, struct http_post *post);
	/* status 0: the connection ended without an answer. */
	void (*done)(uint64_t number, unsigned status, struct str answer);
};

/* keep: whether a connection serves more than one request. */
void http_start(unsigned port, unsigned connections, bool keep);
void http_post(const struct http_kind *kind, uint64_t number);

#endif
