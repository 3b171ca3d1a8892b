/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include "load.h"

#include <stdio.h>
#include <string.h>

size_t
frame_head(unsigned char head[FRAME_HEAD_MAX], enum frame_op op, size_t n)
{
	memset(head, 0, FRAME_HEAD_MAX);
	head[0] = (unsigned char)(0x80 | op);
	head[1] = (unsigned char)(0x80 | (n < 126 ? n : 126));
	if (n < 126)
		return 6;
	head[2] = (unsigned char)(n >> 8);
	head[3] = (unsigned char)n;
	return 8;
}

size_t
frame_handshake(char *out, size_t size, const char *path)
{
	int n = snprintf(out, size,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
	    path);

	if (n >= (int)size)
		die("path", "too long");
	return (size_t)n;
}
