/* SPDX-License-Identifier: MIT */
/* A process on the bus for tests/push/peer.mjs:
 *
 *   buspeer SOCKET
 *
 * Each line of its input is one packet, "op channel user body" with tabs between; op is event,
 * signal, cut or feeder. WIRE_HOOK packets that it gets, once it is the feeder, are printed, one
 * body a line. It ends with its input.
 */
#include "shared/wire.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct str
next_field(char **line)
{
	char *field = strsep(line, "\t");

	return str_of(field == NULL ? "" : field);
}

static enum wire_op
read_op(struct str name)
{
	if (str_eq(name, STR("event")))
		return WIRE_EVENT;
	if (str_eq(name, STR("signal")))
		return WIRE_SIGNAL;
	return str_eq(name, STR("cut")) ? WIRE_CUT : WIRE_FEEDER;
}

static void
send_line(int fd, char *line)
{
	struct wire_packet p = {.op = read_op(next_field(&line))};
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	p.channel = next_field(&line);
	p.user = strtoull(next_field(&line).p, NULL, 10);
	p.body = next_field(&line);
	while (wire_send(fd, &p) == WIRE_AGAIN)
		(void)poll(&room, 1, -1);
}

/* False: maru-push is gone. */
static bool
print_hooks(int fd)
{
	static char buffer[WIRE_MAX];
	struct wire_packet p;
	enum wire_result r;

	while ((r = wire_recv(fd, buffer, &p)) == WIRE_OK) {
		if (p.op == WIRE_HOOK)
			(void)printf("%.*s\n", (int)p.body.n, p.body.p);
	}
	(void)fflush(stdout);
	return r != WIRE_CLOSED;
}

/* False: the input has ended. */
static bool
send_input(int fd)
{
	static char text[2 * WIRE_MAX];
	static size_t n;
	ssize_t got = read(STDIN_FILENO, text + n, sizeof(text) - 1 - n);
	char *line = text, *end;

	if (got <= 0)
		return false;
	n += (size_t)got;
	while ((end = memchr(line, '\n', n - (size_t)(line - text))) != NULL) {
		*end = '\0';
		send_line(fd, line);
		line = end + 1;
	}
	n -= (size_t)(line - text);
	memmove(text, line, n);
	return true;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};

	if (argc != 2 || (fds[1].fd = wire_connect(argv[1])) < 0) {
		perror("buspeer");
		return 1;
	}
	while (poll(fds, 2, -1) > 0) {
		if (fds[1].revents != 0 && !print_hooks(fds[1].fd))
			return 1;
		if (fds[0].revents != 0 && !send_input(fds[1].fd))
			return 0;
	}
	return 1;
}
