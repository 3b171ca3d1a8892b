/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include "frame.h"
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

enum state { ANSWER, GREETED, READY, STOPPED };

struct client {
	int fd;
	enum state state;
	struct group *group;
	unsigned heard; /* answers */
	unsigned got;   /* bytes of the answer's empty line, or of a frame's header */
	unsigned char head[10];
	size_t left; /* payload bytes that are to come */
	struct client *next;
};

static struct {
	const struct dialect *dialect;
	size_t head; /* bytes of the dialect's */
	union {
		struct sockaddr any;
		struct sockaddr_un path;
		struct sockaddr_in port;
	} server;
	socklen_t server_size;
	int epoll;
	struct group groups[GROUPS];
	struct client *clients;
	unsigned char room[262144];
} crowd;

void
crowd_start(const struct dialect *dialect, const char *server)
{
	unsigned long port = strtoul(server, NULL, 10);

	crowd.dialect = dialect;
	crowd.head = strlen(dialect->head);
	if (port > 0) {
		crowd.server.port = (struct sockaddr_in){.sin_family = AF_INET,
		    .sin_port = htons((uint16_t)port),
		    .sin_addr = {htonl(INADDR_LOOPBACK)}};
		crowd.server_size = sizeof(crowd.server.port);
	} else {
		crowd.server.path.sun_family = AF_UNIX;
		(void)snprintf(
		    crowd.server.path.sun_path, sizeof(crowd.server.path.sun_path), "%s", server);
		crowd.server_size = sizeof(crowd.server.path);
	}
	if ((crowd.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll", strerror(errno));
}

int
crowd_connect(void)
{
	int fd = socket(crowd.server.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	/* connect() waits as long as the server's queue is full. */
	if (fd < 0 || connect(fd, &crowd.server.any, crowd.server_size) < 0)
		die("connect", strerror(errno));
	if (crowd.server.any.sa_family == AF_INET)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
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

static void
send_all(int fd, const void *p, size_t n)
{
	if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send", strerror(errno));
}

static void
send_frame(const struct client *c, enum frame_op op, const void *payload, size_t n)
{
	unsigned char frame[FRAME_HEAD_MAX + CROWD_TEXT];
	size_t head = frame_head(frame, op, n);

	if (n > CROWD_TEXT)
		die("frame", "too long");
	memcpy(frame + head, payload, n);
	send_all(c->fd, frame, head + n);
}

void
crowd_say(const struct group *g, const char *text, size_t n)
{
	send_frame(g->speaker, FRAME_TEXT, text, n);
}

/* The server has answered once more, on the way to being subscribed. */
static void
heard(struct client *c)
{
	const struct dialect *d = crowd.dialect;
	char text[CROWD_TEXT];
	int n;

	c->state = GREETED;
	if (++c->heard == d->answers) {
		c->state = READY;
		c->group->ready++;
	} else if (c->heard > 1) {
		n = d->say(c->heard - 1, c->group->channel, text, sizeof(text));
		send_frame(c, FRAME_TEXT, text, (size_t)n);
	}
}

/* ---- frames ------------------------------------------------------------------------ */

static void
took_time(struct group *g, const unsigned char *payload)
{
	const unsigned char *digits = payload + crowd.head;
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
	case FRAME_PING:
		send_frame(c, FRAME_PONG, payload, have < c->left ? have : c->left);
		return;
	case FRAME_CLOSE: die("closed by the server", g->channel);
	default: break;
	}
	if (crowd.dialect->pong != NULL && c->left == 1)
		send_frame(c, FRAME_TEXT, crowd.dialect->pong, strlen(crowd.dialect->pong));
	else if (c->state == GREETED)
		heard(c);
	else {
		g->got++;
		if (g->timed && have >= crowd.head + CROWD_DIGITS)
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
	heard(c);
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
send_handshake(const struct client *c)
{
	char path[CROWD_TEXT], request[CROWD_TEXT + 256];

	(void)crowd.dialect->say(0, c->group->channel, path, sizeof(path));
	send_all(c->fd, request, frame_handshake(request, sizeof(request), path));
}

static void
open_one(struct group *g)
{
	struct client *c = calloc(1, sizeof(*c));
	struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = c}};

	if (c == NULL)
		die("memory", strerror(errno));
	c->fd = crowd_connect();
	c->group = g;
	send_handshake(c);
	if (epoll_ctl(crowd.epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		die("epoll", strerror(errno));
	if (g->speaker == NULL)
		g->speaker = c;
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
