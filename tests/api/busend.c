/* SPDX-License-Identifier: MIT */
/* The daemon's end of the bus, in the hands of a test:
 *
 *   busend LISTEN
 *
 * Prints each packet as a line of JSON, {"op", "channel", "user", "body"}. Each line that it reads
 * goes to the feeder as WIRE_HOOK; while there is none, it waits. Ends with its input.
 */
#include "shared/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define PEERS 64

static struct {
	struct pollfd fds[PEERS + 2]; /* peers, the listener, the input */
	int feeder;
	char packet[WIRE_MAX];
	char line[WIRE_MAX];
	size_t n; /* of the line, so far */
} end = {.feeder = -1};

static void
print(const struct wire_packet *p)
{
	struct buf out;

	buf_init(&out, (size_t)1 << 20);
	buf_printf(&out, "{\"op\":%d,\"channel\":\"", (int)p->op);
	buf_addjson(&out, p->channel.p, p->channel.n);
	buf_printf(&out, "\",\"user\":\"%" PRIu64 "\",\"body\":\"", p->user);
	/* Of heads and the like nobody wants to read the bytes. */
	if (p->op <= WIRE_CUT)
		buf_addjson(&out, p->body.p, p->body.n);
	(void)printf("%s\"}\n", out.p);
	(void)fflush(stdout);
	buf_finish(&out);
}

static void
hear(struct pollfd *peer)
{
	struct wire_packet p;
	enum wire_result result;

	while ((result = wire_recv(peer->fd, end.packet, &p)) == WIRE_OK) {
		if (p.op == WIRE_FEEDER)
			end.feeder = peer->fd;
		print(&p);
	}
	if (result != WIRE_CLOSED)
		return;
	if (end.feeder == peer->fd)
		end.feeder = -1;
	(void)close(peer->fd);
	peer->fd = -1;
}

static void
meet(int listener)
{
	unsigned i = 0;
	uid_t uid;
	int fd = wire_accept(listener, &uid);

	while (i < PEERS && end.fds[i].fd >= 0)
		i++;
	if (fd >= 0 && i < PEERS)
		end.fds[i].fd = fd;
	else if (fd >= 0)
		(void)close(fd);
}

static bool
tell(size_t n)
{
	const struct wire_packet p = {.op = WIRE_HOOK, .body = {end.line, n}};
	struct pollfd room = {.fd = end.feeder, .events = POLLOUT};
	enum wire_result result;

	while ((result = wire_send(end.feeder, &p)) == WIRE_AGAIN)
		(void)poll(&room, 1, -1);
	if (result == WIRE_CLOSED)
		end.feeder = -1;
	return result != WIRE_CLOSED;
}

/* Sends the whole lines that were read, as long as somebody takes them. */
static void
tell_lines(void)
{
	char *newline;

	while (end.feeder >= 0 && (newline = memchr(end.line, '\n', end.n)) != NULL) {
		size_t n = (size_t)(newline - end.line);

		if (!tell(n))
			return;
		end.n -= n + 1;
		memmove(end.line, newline + 1, end.n);
	}
}

/* False at the end of the input. */
static bool
read_input(void)
{
	/* There is room, see main; the compiler wants to see that. */
	size_t room = end.n < sizeof(end.line) ? sizeof(end.line) - end.n : 0;
	ssize_t got = read(STDIN_FILENO, end.line + end.n, room);

	if (got > 0)
		end.n += (size_t)got;
	return got > 0 || (got < 0 && errno == EINTR);
}

int
main(int argc, char **argv)
{
	for (unsigned i = 0; i < PEERS + 2; i++)
		end.fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (argc != 2 || (end.fds[PEERS].fd = wire_listen(argv[1])) < 0) {
		perror("busend");
		return 1;
	}
	end.fds[PEERS + 1].fd = STDIN_FILENO;
	for (;;) {
		(void)poll(end.fds, PEERS + 2, -1);
		for (unsigned i = 0; i < PEERS; i++) {
			if (end.fds[i].fd >= 0 && end.fds[i].revents != 0)
				hear(&end.fds[i]);
		}
		if (end.fds[PEERS].revents != 0)
			meet(end.fds[PEERS].fd);
		if (end.fds[PEERS + 1].revents != 0 && !read_input())
			return 0;
		tell_lines();
		/* More is read when there is room for it. */
		end.fds[PEERS + 1].events = end.n < sizeof(end.line) ? POLLIN : 0;
	}
}
