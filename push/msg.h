/* SPDX-License-Identifier: MIT */
/* A websocket frame that was made once and waits in the queues of many connections.
 *
 * Frames of a server carry no mask (RFC 6455 section 5.1), so every receiver gets the same bytes.
 * A message never changes after it was made; the last msg_put() frees it. Out of memory aborts.
 */
#ifndef MARU_MSG_H
#define MARU_MSG_H

#include "buf.h"

#include <stdint.h>

#define MSG_TEXT_MAX ((size_t)8 << 20) /* a longer text is a mistake of ours */

/* Which event of which stream a message is; kind 0: of none. */
struct msg_place {
	uint32_t kind; /* enum wire_kind */
	uint64_t stream, seq, mid;
};

struct msg {
	uint32_t refs;
	uint32_t size; /* of the frame with its header */
	struct msg_place place;
	struct msg *veil;      /* blocked.h: what stands in its place; NULL: nobody needs it */
	unsigned char frame[]; /* header and payload, ready for the socket */
};

/* All of these return one reference, which is the caller's. */

/* A text frame. */
struct msg *msg_create(struct str text);

/* {"event":event,"channel":channel,"data":data}. data is JSON that the receiver finds as a string,
 * as Pusher Channels sends it; an empty channel is left out. */
struct msg *msg_event(const char *event, struct str channel, struct str data);

/* {"event":"pusher:error","data":{"code":code,"message":text}}; code 0 is sent as null. */
struct msg *msg_error(unsigned code, const char *text);

/* A ping frame. Its payload is not empty: libwebsockets does not report empty pongs. */
struct msg *msg_ping(void);

/* A close frame; why is cut to what fits into a control frame. */
struct msg *msg_close(unsigned code, const char *why);

/* The payload of a text frame; p is NULL for any other. */
struct str msg_text(const struct msg *m);

struct msg *msg_get(struct msg *m);
void msg_put(struct msg *m); /* accepts NULL */

#endif
