/* SPDX-License-Identifier: MIT */
/* TCP connections to programs on this host, for bench/chat.c: one epoll loop, one buffer for all to
 * receive into. What arrives is parsed where it lies; only the beginning of something whose end is
 * still to come is copied.
 */
#ifndef BENCH_CHAT_NET_H
#define BENCH_CHAT_NET_H

#include "buf.h"

#include <stdint.h>

struct peer;

struct peer_kind {
	/* Takes what has arrived (a NUL stands behind it) and returns how many bytes it is done
	 * with: the others are offered again as soon as there are more. All, if it closed the peer.
	 */
	size_t (*take)(struct peer *p, struct str bytes);
	/* The connection has ended from the other side, and is closed. error: of errno.h, or 0 */
	void (*ended)(struct peer *p, int error);
};

struct peer {
	const struct peer_kind *kind;
	int fd;         /* -1: closed */
	struct buf in;  /* what was not taken yet */
	struct buf out; /* what the kernel has no room for yet */
};

/* Bytes of all connections since the start. */
struct net_bytes {
	uint64_t in, out;
};

/* Allows as many connections as the system does. */
void net_start(void);
struct net_bytes net_bytes(void);

void net_init(struct peer *p, const struct peer_kind *kind);

/* Connects; what is sent before it is connected waits. */
void net_open(struct peer *p, unsigned port);
void net_send(struct peer *p, struct str bytes);
void net_close(struct peer *p);

/* Waits up to so many microseconds until something arrives, and takes what there is. */
void net_serve(uint64_t us);

#endif
