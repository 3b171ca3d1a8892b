/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include "crowd.h"
#include "load.h"
#include "wire.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGE 256 /* bytes that a client receives, without the frame's header */

struct kind {
	const char *name;
	struct dialect dialect;
	void (*start)(void);
	void (*publish)(const struct group *g, const char message[MESSAGE], unsigned times);
};

static const struct kind *kind;
static const char *key;
static int publisher; /* pusher: the bus; nchan: the connection of the requests */

/* ---- Pusher's protocol ------------------------------------------------------------- */

static int
pusher_say(unsigned step, const char *channel, char *out, size_t size)
{
	if (step == 0)
		return snprintf(out, size, "/app/maru?protocol=7&client=bench");
	return snprintf(
	    out, size, "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%s\"}}", channel);
}

static void
pusher_start(void)
{
	if ((publisher = wire_connect(key)) < 0)
		die(key, strerror(errno));
}

static void
pusher_publish(const struct group *g, const char message[MESSAGE], unsigned times)
{
	struct wire_packet p = {
	    .op = WIRE_SIGNAL, .channel = str_of(g->channel), .body = {message, MESSAGE}};
	struct pollfd room = {.fd = publisher, .events = POLLOUT};
	enum wire_result r;

	for (unsigned i = 0; i < times; i++) {
		while ((r = wire_send(publisher, &p)) == WIRE_AGAIN)
			(void)poll(&room, 1, -1);
		if (r != WIRE_OK)
			die("bus", "closed");
	}
}

/* ---- socket.io --------------------------------------------------------------------- */

#define NOBODYS_ROOM "9999"

static int
socketio_say(unsigned step, const char *channel, char *out, size_t size)
{
	switch (step) {
	case 0: return snprintf(out, size, "/socket.io/?EIO=4&transport=websocket");
	case 1: return snprintf(out, size, "40{\"token\":\"%s\"}", key);
	default: return snprintf(out, size, "420[\"join\",%s]", channel);
	}
}

static void
socketio_start(void)
{
	crowd_open(crowd_group(NOBODYS_ROOM), 1);
}

/* The server wraps the text as head and tail say. */
static void
socketio_publish(const struct group *g, const char message[MESSAGE], unsigned times)
{
	const char *head = kind->dialect.head;
	char text[CROWD_TEXT];
	int n = snprintf(text, sizeof(text),
	    "42[\"emit\",{\"room\":%s,\"text\":\"%.*s\",\"times\":%u}]", g->channel,
	    (int)(MESSAGE - strlen(head) - strlen(kind->dialect.tail)), message + strlen(head),
	    times);

	crowd_say(crowd_group(NOBODYS_ROOM), text, (size_t)n);
}

/* ---- Nchan ------------------------------------------------------------------------- */

static int
nchan_say(unsigned step, const char *channel, char *out, size_t size)
{
	(void)step;
	return snprintf(out, size, "/sub/%s", channel);
}

static void
nchan_start(void)
{
	publisher = crowd_connect();
}

/* Whether the requests are granted shows in what the subscribers get: the answers are dropped. */
static void
nchan_publish(const struct group *g, const char message[MESSAGE], unsigned times)
{
	static char answers[65536];
	static struct buf requests = {.max = 1 << 20};

	while (recv(publisher, answers, sizeof(answers), MSG_DONTWAIT) > 0)
		;
	buf_clear(&requests);
	for (unsigned i = 0; i < times; i++) {
		buf_printf(&requests,
		    "POST /pub/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n",
		    g->channel, MESSAGE);
		buf_add(&requests, message, MESSAGE);
	}
	if (requests.full ||
	    send(publisher, requests.p, requests.n, MSG_NOSIGNAL) != (ssize_t)requests.n)
		die("requests", strerror(errno));
}

/* ---- all of them ------------------------------------------------------------------- */

static const struct kind kinds[] = {
    {"pusher", {pusher_say, 3, "{\"event\":\"bench\",\"data\":\"", "\"}", NULL}, pusher_start,
	pusher_publish},
    {"socketio", {socketio_say, 4, "42[\"message\",{\"text\":\"", "\"}]", "3"}, socketio_start,
	socketio_publish},
    {"nchan", {nchan_say, 1, "", "", NULL}, nchan_start, nchan_publish},
};

void
dialect_start(const char *name, const char *server, const char *its_key)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			kind = &kinds[i];
	}
	if (kind == NULL)
		die("not a dialect", name);
	key = its_key;
	crowd_start(&kind->dialect, server);
	kind->start();
}

void
dialect_publish(const struct group *g, unsigned times)
{
	char message[MESSAGE + 1];
	size_t tail = strlen(kind->dialect.tail);
	int n = snprintf(
	    message, sizeof(message), "%s%0*" PRIu64, kind->dialect.head, CROWD_DIGITS, load_now());

	memset(message + n, 'x', sizeof(message) - (size_t)n);
	memcpy(message + MESSAGE - tail, kind->dialect.tail, tail);
	kind->publish(g, message, times);
}
