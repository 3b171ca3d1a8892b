/* SPDX-License-Identifier: MIT */
/* Many websockets of one process, for bench/push.c: opens them, subscribes each to one channel,
 * counts what arrives, and lets some stop reading. One epoll loop, frames are skipped rather than
 * read, so that the clients take as little as possible of the machine that the server runs on. What
 * differs from one kind of server to another is a dialect; see bench/dialect.c.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "hist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CROWD_CHANNEL 32   /* bytes of a channel's name, with NUL */
#define CROWD_TEXT    1024 /* most bytes that a client sends at once */
#define CROWD_TIMEOUT 20.0 /* seconds without anything from the server: it hangs */

#define CROWD_DIGITS 16 /* of the time in microseconds that a message carries */

struct dialect {
	/* What a client says, into a buffer of so many bytes; returns the length. 0: the path of
	 * its handshake; N: to the Nth frame that it gets. */
	int (*say)(unsigned step, const char *channel, char *out, size_t size);
	unsigned answers; /* until it is subscribed, that to the handshake included */
	const char *head; /* what a message begins with; its time follows */
	const char *tail; /* and ends with */
	const char *pong; /* to a text of one byte, which is a ping; NULL if none is */
};

struct client;

/* The connections that are subscribed to one channel. */
struct group {
	char channel[CROWD_CHANNEL];
	unsigned size;       /* that were opened and are not gone */
	unsigned ready;      /* of these, subscribed and reading */
	unsigned stopped;    /* of these, not reading any more */
	uint64_t got;        /* messages, of all */
	bool timed;          /* whether times are taken */
	struct hist times;   /* from sending to arrival, of those that were read */
	uint64_t stopped_at; /* load_now() when some stopped */
	uint64_t last_gone;  /* and when the server last gave one of them up */
	struct client *speaker;
};

/* server: the path of its socket, or its port on this host. */
void crowd_start(const struct dialect *dialect, const char *server);

/* One more connection to it, blocking and without a word said. */
int crowd_connect(void);

/* The group of a channel, made if it is missing. */
struct group *crowd_group(const char *channel);

/* Opens connections and returns when all are subscribed. */
void crowd_open(struct group *g, unsigned count);

/* One of them, always the same one, sends a text. */
void crowd_say(const struct group *g, const char *text, size_t n);

/* So many of them never read again. */
void crowd_stop(struct group *g, unsigned count);

/* Takes what arrives within so many milliseconds (-1: waits until something does); false if nothing
 * did. */
bool crowd_serve(int milliseconds);

/* Serves until so many messages came in all. */
void crowd_await(const struct group *g, uint64_t got);

#endif
