/* SPDX-License-Identifier: MIT */
#include "chat_socket.h"

#include "frame.h"
#include "load.h"

#include <stdio.h>

#define FRAME_MAX 8192

static const struct websocket_events *listener;

/* ---- sending ----------------------------------------------------------------------- */

static void
send_frame(struct websocket *w, enum frame_op op, struct str payload)
{
	unsigned char frame[FRAME_MAX];
	size_t head = frame_head(frame, op, payload.n);

	if (payload.n > FRAME_MAX - FRAME_HEAD_MAX)
		die("frame", "too long");
	memcpy(frame + head, payload.p, payload.n);
	net_send(&w->peer, (struct str){(char *)frame, head + payload.n});
}

void
websocket_send(struct websocket *w, struct str text)
{
	send_frame(w, FRAME_TEXT, text);
}

/* ---- receiving --------------------------------------------------------------------- */

/* The payload says why, after a number of two bytes. */
static void
close_frame(struct websocket *w, struct str payload)
{
	const unsigned char *code = (const unsigned char *)payload.p;
	char why[160] = "closed by the server";

	if (payload.n >= 2)
		(void)snprintf(why, sizeof(why), "closed by the server: %d %.*s",
		    code[0] << 8 | code[1], (int)payload.n - 2, payload.p + 2);
	net_close(&w->peer);
	listener->closed(w, str_of(why));
}

/* Takes the frame at the beginning of the bytes; returns its size, 0 if it is not complete. */
static size_t
take_frame(struct websocket *w, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct str payload = {bytes.p + 2, 0};

	if (bytes.n < 2)
		return 0;
	payload.n = p[1] & 127;
	if (payload.n >= 126) {
		size_t size = payload.n == 126 ? 2 : 8;

		if (bytes.n < 2 + size)
			return 0;
		payload = (struct str){bytes.p + 2 + size, 0};
		for (size_t i = 2; i < 2 + size; i++)
			payload.n = payload.n << 8 | p[i];
	}
	if (payload.n > bytes.n - (size_t)(payload.p - bytes.p))
		return 0;
	switch (p[0]) {
	case 0x80 | FRAME_TEXT: listener->text(w, payload); break;
	case 0x80 | FRAME_PING: send_frame(w, FRAME_PONG, payload); break;
	case 0x80 | FRAME_CLOSE: close_frame(w, payload); break;
	case 0x80 | FRAME_PONG: break;
	default: die("frame", "a fragment, or of an unknown kind");
	}
	return (size_t)(payload.p - bytes.p) + payload.n;
}

/* Takes the answer to the handshake; returns its size, 0 if it is not complete. */
static size_t
take_answer(struct websocket *w, struct str bytes)
{
	const char *end = strstr(bytes.p, "\r\n\r\n");

	if (end == NULL)
		return 0;
	if (strncmp(bytes.p, "HTTP/1.1 101", 12) != 0)
		die("no websocket", bytes.p);
	w->open = true;
	return (size_t)(end - bytes.p) + 4;
}

static size_t
take(struct peer *peer, struct str bytes)
{
	struct websocket *w = (struct websocket *)peer;
	size_t used = 0, step;

	if (!w->open && (used = take_answer(w, bytes)) == 0)
		return 0;
	do {
		step = take_frame(w, (struct str){bytes.p + used, bytes.n - used});
		used += step;
	} while (step > 0 && peer->fd >= 0);
	return peer->fd < 0 ? bytes.n : used;
}

static void
ended(struct peer *peer, int error)
{
	listener->closed((struct websocket *)peer,
	    str_of(error == 0 ? "ended without a close frame" : strerror(error)));
}

/* ---- opening ----------------------------------------------------------------------- */

void
websocket_start(const struct websocket_events *events)
{
	listener = events;
}

void
websocket_open(struct websocket *w, unsigned port, const char *path)
{
	static const struct peer_kind kind = {take, ended};
	char request[512];
	size_t n = frame_handshake(request, sizeof(request), path);

	net_init(&w->peer, &kind);
	net_open(&w->peer, port);
	net_send(&w->peer, (struct str){request, n});
}
