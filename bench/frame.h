/* SPDX-License-Identifier: MIT */
/* What a websocket client writes (RFC 6455), for the load generators: the handshake and the heads
 * of frames. The mask is zeros: a mask is asked for, but not that it hides anything.
 */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stddef.h>

enum frame_op { FRAME_TEXT = 1, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

#define FRAME_HEAD_MAX 8 /* bytes, for payloads below 65536 */

/* Writes the head of a frame with a payload of n bytes; returns its size. */
size_t frame_head(unsigned char head[FRAME_HEAD_MAX], enum frame_op op, size_t n);

/* Writes the request that opens a websocket at a path; returns its size. Ends the program if there
 * is too little room. */
size_t frame_handshake(char *out, size_t size, const char *path);

#endif
