/* SPDX-License-Identifier: MIT */
/* One client: who it is, what it listens to, and the queue of what it still has to be sent.
 *
 * A connection lives in libwebsockets' per-session block: conn_init() when the websocket opens,
 * conn_finish() when it ends. hub.c and client.c change it, ws.c alone speaks to its socket.
 *
 * A client that does not read fills its queue. Beyond push_queue_events or push_queue_bytes it is
 * closed with 4101 "too slow", in Pusher's scheme "connect again, but wait a little". An empty one
 * takes any message, however long. */
#ifndef MARU_CONN_H
#define MARU_CONN_H

#include "conf.h"
#include "msg.h"
#include "pace.h"

#include <stdbool.h>
#include <stdint.h>

#define CONN_MAGIC         0x6d617275u
#define CONN_ID_SIZE       24  /* "4294967295.4294967295" with NUL */
#define CONN_SUBSCRIPTIONS 200 /* most channels of one connection */

struct blocked;
struct hints;
struct place;
struct signin;
struct sse;
struct sub;

struct conn {
	uint32_t magic;   /* CONN_MAGIC from conn_init() to conn_finish(), else 0 */
	uint16_t closing; /* close code once its end is decided: nothing is queued any more */
	bool todo, round; /* turn.c: waits to be served, and in which of two rounds */
	bool echo;        /* of the sub-protocol of test builds, see echo.h */
	bool dismissed;   /* logged out, thrown out or dead: nobody waits for it to come back */
	uint8_t silence;  /* silence.c: which of its lists this is in */
	struct blocked *blocked; /* blocked.c: whom it hears nothing of; mostly NULL */
	const char *why;         /* turn.c: sentence that goes with closing; static */
	const struct conf *conf;
	void *ws;        /* ws.c: struct lws */
	struct sse *sse; /* sse.c: not a websocket but Server-Sent Events; else NULL */

	uint32_t id[2];            /* the numbers of the socket_id */
	unsigned char address[16]; /* of the client, IPv4 mapped into IPv6; for the log */
	uint64_t user;             /* 0 until a claim told who it is */
	uint64_t session;

	struct place *place;   /* limits.c: the address that it is counted for */
	struct signin *signin; /* signin.c */

	struct sub *subs; /* hub.c: newest first */
	uint32_t subs_count;
	struct conn *user_prev, *user_next; /* hub.c: connections of the same user */

	struct msg **ring; /* the queue: room for one, or a block while more wait */
	struct msg *one;
	uint32_t ring_size, first, count;
	uint32_t extra; /* events and bytes of a catch-up, which the limits leave aside */
	size_t extra_bytes;
	size_t bytes;
	uint32_t taken;      /* messages that left the queue, modulo 2^32 */
	struct hints *hints; /* what of the queue may be replaced; NULL until it is needed */

	struct buf *partial;           /* ws.c: pieces of a message that came fragmented */
	struct pace events;            /* client.c: events that it relayed */
	struct bucket frames, resumes; /* limits.c */

	int64_t heard;            /* silence.c: when it last sent anything */
	struct conn *prev, *next; /* silence.c: its neighbours in its list */
	struct conn *todo_prev, *todo_next;
};

/* Fills a block of any content; ws is handed back to ws.c untouched. */
void conn_init(struct conn *c, const struct conf *conf, void *ws);

/* Frees what the connection owns. It must have left the hub. Accepts a zeroed block. */
void conn_finish(struct conn *c);

/* Gives it the socket_id that maru-api has signed for; a text that is none changes nothing. */
void conn_set_id(struct conn *c, const char *text);

/* "<number>.<number>", which subscriptions are signed for. */
void conn_socket_id(const struct conn *c, char out[CONN_ID_SIZE]);

/* Remembers where the client is; a text that is no address changes nothing. */
void conn_set_address(struct conn *c, const char *text);

/* Writes a debug line: what happened to whom. */
void conn_log(const struct conn *c, const char *what);

/* Queues a message with a reference of its own, or (conn_give()) the caller's, and wakes the
 * socket. False: the queue is full. A connection that is being closed, as it is then, takes and
 * drops everything. */
bool conn_send(struct conn *c, struct msg *m);
bool conn_give(struct conn *c, struct msg *m);

/* Queues a message that may be lost: never where the queue is more than half full, so that it can't
 * push out an event of a log. There it takes the place of an earlier one with the same key, if that
 * still waits, or is dropped. key 0: like no other. An application's may fill seven eighths. */
void conn_hint(struct conn *c, struct msg *m, uint32_t key);
void conn_signal(struct conn *c, struct msg *m);

/* Keeps a piece of a message that came fragmented. True with the last one: *whole is the message,
 * and the caller's to finish. */
bool conn_collect(struct conn *c, const char *piece, size_t n, bool last, struct buf *whole);

/* The next message to write, or NULL. */
struct msg *conn_peek(const struct conn *c);

/* The first message was written. */
void conn_sent(struct conn *c);

/* Moves as many whole frames as fit from the queue into room; returns the bytes. */
size_t conn_gather(struct conn *c, unsigned char *room, size_t size);

/* Forgets what was queued. */
void conn_drop(struct conn *c);

#endif
