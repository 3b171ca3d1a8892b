/* SPDX-License-Identifier: MIT */
/* The bus: what maru-api and maru-push say to each other over a Unix SOCK_SEQPACKET socket.
 *
 * One packet is one command: a fixed header, the name of a channel, a body. Both ends are on one
 * host, so numbers travel in its byte order. A packet is a hint, never the truth: it may be lost,
 * and a sender never waits. A packet of another version or of a wrong size is refused whole.
 */
#ifndef MARU_WIRE_H
#define MARU_WIRE_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Raise it with every change of the header or of the meaning of an op. */
#define WIRE_VERSION 6

/* Most bytes of one packet, header included; below the kernel's default send buffer. */
#define WIRE_MAX 131072

#define WIRE_CHANNEL_MAX 200 /* longest channel name (Pusher Channels allows 200) */

enum wire_op {
	/* maru-api's workers to maru-push: */
	WIRE_EVENT = 1, /* channel, stream, seq, mid, prev, body = the text that clients receive */
	WIRE_SIGNAL, /* channel, body: the same for what is not durable (no seq); user: the socket
			that does not get it, its id's first number << 32 | the second; 0: all do */
	WIRE_CUT, /* body: id of a person; closes the connections that signed in as it; user: with
		     this code, 0: 4009 */
	/* between maru-push and maru-api's feeder (api/feeder.h); mid is an echo: the last seq that
	 * push gave out when it asked */
	WIRE_FEEDER,  /* feeder: I answer the next two */
	WIRE_NEED,    /* push: events of a stream above seq, at most `user` of them; mid */
	WIRE_FETCHED, /* feeder: one of these, in order; otherwise like WIRE_EVENT */
	WIRE_HEAD,    /* feeder: that was all above `user`; seq: the stream's head; mid; prev: the
			 head's mid, which the next event will name */
	WIRE_ASK,     /* push: heads of streams of a kind; body: struct wire_head[], id and last */
	WIRE_HEADS,   /* feeder: those of them that exist, in the same way */
	WIRE_SEEN,    /* push: the last connection of `user` has ended */
	WIRE_HOOK, /* push: body: one event of a webhook as JSON, to be posted to the application */
	WIRE_READ, /* worker: `user` has read the room of this channel and stream up to seq;
		      session: whether others are told, 1 or 0 */
	WIRE_DESKS,  /* feeder: who of these people is in which room? body: seat.h */
	WIRE_SEATED, /* push: the same people, and whether they are there */
	WIRE_CALLS,  /* feeder: who hears which call? those of one call together */
	WIRE_CALLED, /* push: the same, and behind them who else hears one of these calls */
	WIRE_REVOKE, /* worker, feeder: `user` (or WIRE_EVERYBODY) may not hear this channel, but
			for subscriptions whose claim has a head from seq on */
	WIRE_OP_END
};

enum wire_kind { WIRE_ROOM = 1, WIRE_USER, WIRE_LOBBY, WIRE_SYSTEM };

#define WIRE_EVERYBODY UINT64_MAX

struct wire_head {
	uint64_t id;
	uint64_t last; /* what push had given out when it asked, or knew of by a claim */
	uint64_t head;
	uint64_t mid; /* of the event at head, 0: not known */
};

struct wire_packet {
	enum wire_op op;
	enum wire_kind kind; /* of the stream; 0 where the channel is nobody's stream */
	uint64_t stream;     /* id of the room or user; 0 for the lobby */
	uint64_t seq;
	uint64_t mid;
	uint64_t prev; /* mid of the event before, 0: not known */
	/* With an event of a room: who is no longer subscribed after it (0 nobody, or
	 * WIRE_EVERYBODY), and the seq of the message that it changes (0: none). With one of
	 * WIRE_SYSTEM: whose session ended, and which; or, with a sender, who blocks that one, or
	 * no longer does, and wire_block(). */
	uint64_t user;
	uint64_t session;
	uint64_t sender; /* with an event of a room: whose message it is about, 0: none's */
	int64_t time;    /* wall clock of the sender, milliseconds */
	struct str channel;
	struct str body;
};

/* Since which seq of the own stream somebody blocks somebody (on) or does not, as one number. */
static inline uint64_t
wire_block(uint64_t at, bool on)
{
	return at << 1 | on;
}

enum wire_result {
	WIRE_OK,
	WIRE_AGAIN,  /* nothing there, or the receiver's queue is full */
	WIRE_CLOSED, /* the other end is gone: close the descriptor */
	WIRE_BAD     /* a packet that is not ours was read and dropped, or does not fit */
};

/* A connected non-blocking descriptor, or -1 with errno. */
int wire_connect(const char *path);

/* A listening non-blocking descriptor with mode 0660, or -1 with errno. A socket file left behind
 * by a dead daemon is replaced; EADDRINUSE if a live one answers there. */
int wire_listen(const char *path);

/* The next peer, or -1 with errno. *uid: who it is, as the kernel says. */
int wire_accept(int listener, uid_t *uid);

/* Sends without waiting and without SIGPIPE. */
enum wire_result wire_send(int fd, const struct wire_packet *p);

/* Reads one packet into buffer (WIRE_MAX bytes); channel and body of *p point into it. */
enum wire_result wire_recv(int fd, char *buffer, struct wire_packet *p);

/* The two halves of the codec, without a socket. Encoding needs WIRE_MAX bytes of room and returns
 * the packet's size, 0 if it does not fit. Decoding accepts any bytes. */
size_t wire_encode(const struct wire_packet *p, char *out);
bool wire_decode(const char *bytes, size_t n, struct wire_packet *p);

#endif
