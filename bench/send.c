/* SPDX-License-Identifier: MIT */
/* 32 people who each post a message as soon as the one before is answered: POST
 * /v1/rooms/{id}/messages over kept connections, through nginx. One thread, prepared requests that
 * are patched in place, so that the load takes little of the CPU that it measures.
 *
 *   build/bench/send -r 1 -w 1 -t 5 -k senders.txt PORT
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define END_SECONDS 10 /* for the answers that are still on their way */

struct conn {
	int fd;
	struct sender sender;
	char request[2048];
	size_t request_len;
	char *room, *id; /* in request */
	char answer[8192];
	size_t have;
	bool waiting;
	uint64_t sent_at;
};

struct bench {
	struct load load;
	struct conn conns[SENDERS];
	int epoll;
	bool measuring, stopping;
	struct result result;
};

static void
prepare(struct conn *c, unsigned port)
{
	char body[1024];
	int n = snprintf(body, sizeof(body), "{\"client_id\":\"%0*d\",\"body\":\"%s\"}", ID_LENGTH,
	    0, load_body());

	c->request_len = (size_t)snprintf(c->request, sizeof(c->request),
	    "POST /v1/rooms/%04d/messages HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
	    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %d\r\n\r\n%s",
	    ROOM_FIRST, port, c->sender.token, n, body);
	if (c->request_len >= sizeof(c->request))
		die("request", "too long");
	c->room = strstr(c->request, "rooms/") + strlen("rooms/");
	c->id = strstr(c->request, "client_id\":\"") + strlen("client_id\":\"");
}

static void
open_conn(struct bench *b, struct conn *c)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = c}};
	const int on = 1;

	addr.sin_port = htons((uint16_t)strtoul(b->load.target, NULL, 10));
	if ((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    connect(c->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("connect", strerror(errno));
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(b->epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		die("epoll", strerror(errno));
	c->have = 0;
}

static void
post(struct bench *b, struct conn *c)
{
	char digits[8];

	if (b->stopping)
		return;
	(void)snprintf(digits, sizeof(digits), "%04u", load_room(&b->load, &c->sender));
	memcpy(c->room, digits, 4);
	load_client_id(&c->sender, c->id);
	c->have = 0;
	c->waiting = true;
	c->sent_at = load_now();
	if (send(c->fd, c->request, c->request_len, MSG_NOSIGNAL) != (ssize_t)c->request_len)
		c->have = 0; /* the answer, or the end of the connection, says what became of it */
}

/* Length of the answer at hand, 0 as long as it is not complete. */
static size_t
complete(struct conn *c)
{
	const char *end, *length;
	size_t head, body;

	c->answer[c->have] = '\0';
	if ((end = strstr(c->answer, "\r\n\r\n")) == NULL)
		return 0;
	head = (size_t)(end - c->answer) + 4;
	if ((length = strcasestr(c->answer, "\r\nContent-Length: ")) == NULL || length > end)
		die("an answer without Content-Length", c->answer);
	body = strtoul(length + 18, NULL, 10);
	if (head + body >= sizeof(c->answer))
		die("too long an answer", c->answer);
	return c->have >= head + body ? head + body : 0;
}

/* Says what the first few other answers were. */
static void
count_other(struct bench *b, const struct conn *c)
{
	if (b->result.other++ < 3)
		(void)fprintf(stderr, "bench: not 201 but %.300s\n", c->answer);
}

static void
take_answer(struct bench *b, struct conn *c)
{
	c->waiting = false;
	/* A reason need not follow. */
	if (strncmp(c->answer, "HTTP/1.1 201", 12) == 0)
		b->result.acked++;
	else
		count_other(b, c);
	if (b->measuring)
		hist_add(&b->result.times, load_now() - c->sent_at);
	/* nginx closes a connection after so many requests; that is part of the cost. */
	if (strcasestr(c->answer, "\r\nConnection: close") != NULL) {
		(void)close(c->fd);
		open_conn(b, c);
	}
	post(b, c);
}

static void
readable(struct bench *b, struct conn *c)
{
	ssize_t n = recv(c->fd, c->answer + c->have, sizeof(c->answer) - 1 - c->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		b->result.lost += c->waiting;
		c->waiting = false;
		(void)close(c->fd);
		open_conn(b, c);
		post(b, c);
		return;
	}
	c->have += (size_t)n;
	if (complete(c) > 0)
		take_answer(b, c);
}

static bool
any_waiting(const struct bench *b)
{
	for (unsigned i = 0; i < SENDERS; i++) {
		if (b->conns[i].waiting)
			return true;
	}
	return false;
}

/* Answers and posts until a time, or until nothing is on its way any more. */
static void
run_until(struct bench *b, uint64_t end)
{
	struct epoll_event events[SENDERS];
	uint64_t now;
	int n;

	while ((now = load_now()) < end && !(b->stopping && !any_waiting(b))) {
		n = epoll_wait(b->epoll, events, SENDERS, (int)((end - now) / 1000) + 1);
		for (int i = 0; i < n; i++)
			readable(b, events[i].data.ptr);
	}
}

static void
measure(struct bench *b)
{
	uint64_t start;

	run_until(b, load_now() + (uint64_t)(b->load.warmup * 1e6));
	load_begin(&b->load);
	start = load_now();
	b->measuring = true;
	run_until(b, start + (uint64_t)(b->load.seconds * 1e6));
	b->measuring = false;
	b->stopping = true;
	b->result.seconds = (double)(load_now() - start) / 1e6;
	load_end(&b->load);
	run_until(b, load_now() + END_SECONDS * 1000000);
	for (unsigned i = 0; i < SENDERS; i++)
		b->result.lost += b->conns[i].waiting;
}

int
main(int argc, char **argv)
{
	static struct bench b;

	load_read(&b.load, argc, argv);
	if ((b.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll", strerror(errno));
	for (unsigned i = 0; i < SENDERS; i++) {
		b.conns[i].sender = b.load.senders[i];
		prepare(&b.conns[i], (unsigned)strtoul(b.load.target, NULL, 10));
		open_conn(&b, &b.conns[i]);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		post(&b, &b.conns[i]);
	measure(&b);
	load_report(&b.result);
	return 0;
}
