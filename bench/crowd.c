/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GROUPS  4
#define OPENING 512 /* connections that are on their way at a time */
#define EVENTS  256

#define OP_CLOSE 8
#define OP_PING  9
#define OP_PONG  10

static const char request[] = "GET /app/maru?protocol=7&client=bench HTTP/1.1\r\n"
			      "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			      "Sec-WebSocket-Version: 13\r\n\r\n";

enum state { ANSWER, ESTABLISHED, SUBSCRIBED, READY, STOPPED };

struct client {
	int fd;
	enum state state; /* what it waits for */
	struct group *group;
	unsigned got; /* bytes of the answer's empty line, or of a frame's header */
	unsigned char head[10];
	size_t left; /* payload bytes that are to come */
	struct client *next;
};

static struct {
	struct sockaddr_un server;
	int epoll;
	struct group groups[GROUPS];
	struct client *clients;
	unsigned char room[262144];
} crowd;

void
crowd_start(const char *socket_path)
{
	crowd.server.sun_family = AF_UNIX;
	(void)snprintf(crowd.server.sun_path, sizeof(crowd.server.sun_path), "%s", socket_path);
	if ((crowd.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll", strerror(errno));
}

struct group *
crowd_group(const char *channel)
{
	struct group *g = crowd.groups;

	while (g->channel[0] != '\0' && strcmp(g->channel, channel) != 0) {
		if (++g == crowd.groups + GROUPS)
			die(channel, "too many channels");
	}
	(void)snprintf(g->channel, sizeof(g->channel), "%s", channel);
	return g;
}

/* ---- sending ----------------------------------------------------------------------- */

/* A frame with a mask of zeros: a mask is asked for, but not that it hides anything. */
static void
send_frame(const struct client *c, unsigned op, const void *payload, size_t n)
{
	unsigned char frame[6 + 125] = {(unsigned char)(0x80 | op), (unsigned char)(0x80 | n)};

	if (n > 125)
		die("frame", "too long");
	memcpy(frame + 6, payload, n);
	if (send(c->fd, frame, 6 + n, MSG_NOSIGNAL) != (ssize_t)(6 + n))
		die("send", strerror(errno));
}

static void
subscribe(const struct client *c)
{
	char text[125];
	int n = snprintf(text, sizeof(text),
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%s\"}}", c->group->channel);

	send_frame(c, 1, text, (size_t)n);
}

/* ---- frames ------------------------------------------------------------------------ */

static void
took_time(struct group *g, const unsigned char *payload)
{
	const unsigned char *digits = payload + sizeof(CROWD_HEAD) - 1;
	uint64_t then = 0;

	for (unsigned i = 0; i < CROWD_DIGITS; i++)
		then = then * 10 + (unsigned)(digits[i] - '0');
	hist_add(&g->times, load_now() - then);
}

/* A frame begins whose payload, as far as it has arrived, is at hand. */
static void
frame(struct client *c, const unsigned char *payload, size_t have)
{
	struct group *g = c->group;

	switch (c->head[0] & 15) {
	case OP_PING: send_frame(c, OP_PONG, payload, have < c->left ? have : c->left); return;
	case OP_CLOSE: die("closed by the server", g->channel);
	default: break;
	}
	if (c->state == ESTABLISHED) {
		subscribe(c);
		c->state = SUBSCRIBED;
	} else if (c->state == SUBSCRIBED) {
		c->state = READY;
		g->ready++;
	} else {
		g->got++;
		if (g->timed && have >= sizeof(CROWD_HEAD) - 1 + CROWD_DIGITS)
			took_time(g, payload);
	}
}

/* One more byte of a frame's header; true if it is complete. */
static bool
header_byte(struct client *c, unsigned char byte)
{
	unsigned length, size;

	c->head[c->got++] = byte;
	if (c->got < 2)
		return false;
	length = c->head[1] & 127u;
	size = length < 126 ? 2 : length == 126 ? 4 : 10;
	if (c->got < size)
		return false;
	c->got = 0;
	c->left = size == 2 ? length : 0;
	for (unsigned i = 2; i < size; i++)
		c->left = c->left << 8 | c->head[i];
	return true;
}

static void
answer_byte(struct client *c, unsigned char byte)
{
	static const unsigned char empty_line[] = {'\r', '\n', '\r', '\n'};

	c->got = byte == empty_line[c->got] ? c->got + 1 : byte == '\r';
	if (c->got < 4)
		return;
	c->got = 0;
	c->state = ESTABLISHED;
}

static void
feed(struct client *c, const unsigned char *p, size_t n)
{
	while (n > 0) {
		size_t step = c->left < n ? c->left : n;

		p += step;
		n -= step;
		c->left -= step;
		if (n == 0)
			return;
		n--;
		if (c->state == ANSWER)
			answer_byte(c, *p++);
		else if (header_byte(c, *p++))
			frame(c, p, n);
	}
}

/* ---- the loop ---------------------------------------------------------------------- */

static void
gone(struct client *c)
{
	if (c->state != STOPPED)
		die("closed by the server", c->group->channel);
	c->group->last_gone = load_now();
	c->group->stopped--;
	c->group->size--;
	(void)close(c->fd);
	c->fd = -1;
}

static void
readable(struct client *c)
{
	ssize_t n = recv(c->fd, crowd.room, sizeof(crowd.room), MSG_DONTWAIT);

	if (n > 0)
		feed(c, crowd.room, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		gone(c);
}

bool
crowd_serve(int milliseconds)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(crowd.epoll, events, EVENTS, milliseconds);

	for (int i = 0; i < n; i++) {
		struct client *c = events[i].data.ptr;

		if (c->state == STOPPED)
			gone(c);
		else
			readable(c);
	}
	return n > 0;
}

void
crowd_await(const struct group *g, uint64_t got)
{
	while (g->got < got) {
		if (!crowd_serve((int)(CROWD_TIMEOUT * 1000)))
			die(g->channel, "messages are missing");
	}
}

/* ---- opening, stopping ------------------------------------------------------------- */

static void
open_one(struct group *g)
{
	struct client *c = calloc(1, sizeof(*c));
	struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = c}};

	if (c == NULL)
		die("memory", strerror(errno));
	/* connect() waits as long as the server's queue is full. */
	if ((c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    connect(c->fd, (const struct sockaddr *)&crowd.server, sizeof(crowd.server)) < 0)
		die("connect", strerror(errno));
	if (send(c->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != sizeof(request) - 1)
		die("send", strerror(errno));
	if (epoll_ctl(crowd.epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		die("epoll", strerror(errno));
	c->group = g;
	c->next = crowd.clients;
	crowd.clients = c;
	g->size++;
}

void
crowd_open(struct group *g, unsigned count)
{
	unsigned goal = g->size + count;

	while (g->ready + g->stopped < goal) {
		bool more = g->size < goal && g->size - g->stopped - g->ready < OPENING;

		if (more)
			open_one(g);
		else if (!crowd_serve((int)(CROWD_TIMEOUT * 1000)))
			die(g->channel, "connections are missing");
	}
}

void
crowd_stop(struct group *g, unsigned count)
{
	for (struct client *c = crowd.clients; c != NULL && count > 0; c = c->next) {
		/* Only the end of the connection is reported, and without being asked for. */
		struct epoll_event ev = {.events = 0, .data = {.ptr = c}};

		if (c->group != g || c->state != READY)
			continue;
		if (epoll_ctl(crowd.epoll, EPOLL_CTL_MOD, c->fd, &ev) < 0)
			die("epoll", strerror(errno));
		c->state = STOPPED;
		g->ready--;
		g->stopped++;
		count--;
	}
	g->stopped_at = load_now();
}
