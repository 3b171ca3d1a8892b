/* SPDX-License-Identifier: MIT */
/* Watches what clients send before libwebsockets sees it, and stops what it would let through:
 * frames without a mask (RFC 6455 section 5.1 wants the connection failed; 4.1.6 takes them),
 * messages of any length (it has no limit), and broken frames (it drops the connection without
 * the close code that section 7.1.7 wants).
 *
 * struct tap is a pure function over bytes. The rest finds the tap of a descriptor: tap.c defines
 * recv(2), which libwebsockets calls for plain sockets.
 */
#ifndef MARU_TAP_H
#define MARU_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tap_state {
	TAP_OFF,   /* passes everything */
	TAP_HEAD,  /* in the request; what follows its empty line are frames */
	TAP_FRAME, /* in the header of a frame */
	TAP_BODY,  /* in its payload */
	TAP_BROKEN /* broke the rules: nothing passes any more */
};

struct tap {
	uint8_t state; /* enum tap_state */
	uint8_t got;   /* bytes of the empty line or of the frame's header that were seen */
	uint8_t op;    /* first byte of the frame */
	uint8_t size;  /* bytes of this frame's header */
	bool partly;   /* a fragmented message is open */
	bool over;     /* what still comes is thrown away */
	uint64_t left; /* payload bytes of this frame that are to come */
	uint64_t sum;  /* payload bytes of this message so far */
	void *owner;   /* whom to tell */
};

/* Follows n bytes of a client's stream. 0, or the close code that it earned: 1002 or 1009. max:
 * most bytes of one message. */
unsigned tap_feed(struct tap *t, const unsigned char *p, size_t n, uint64_t max);

/* Taps descriptors from 0 to files - 1, in the thread that calls this and in no other. broken() is
 * called from inside recv(), which then reports that nothing is there; it must only mark the
 * connection for closing. */
void tap_start(size_t files, uint64_t max, void (*broken)(void *owner, unsigned code));
void tap_stop(void);

/* A client was accepted on this descriptor: its stream begins. */
void tap_watch(int fd);

/* Its request became a websocket that belongs to owner. False if bytes followed the request before
 * the answer, which a client must not do (section 4.1). */
bool tap_own(int fd, void *owner);

/* The owner is gone. From here on the reader hears nothing but the end of the stream: a close
 * frame, or that of the socket. */
void tap_disown(int fd);

#endif
