/* SPDX-License-Identifier: MIT */
/* The least that a server can do: every packet of the bus becomes one frame, and every connection
 * gets it by one send(). No parser, no queues, no names of channels, nobody is ever too slow. What
 * maru-push takes beyond this is the price of all that it does.
 *
 *   build/bench/reference PUSH_SOCKET BUS_SOCKET
 */
#include "load.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CLIENTS 20000
#define HEADER  4 /* of a frame with 126 to 65535 bytes */

/* Says yes to anything; the first frame is what Pusher's clients wait for. */
static const char hello[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}";
static const char subscribed[] = "\x81\x02{}";

static int clients[CLIENTS];
static unsigned count;
static bool greeted[CLIENTS * 2]; /* by descriptor */

static int
listen_at(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		die(path, strerror(errno));
	return fd;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.fd = fd}};

	if (fd < 0 || fd >= CLIENTS * 2 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll", strerror(errno));
}

/* The request, or the subscription after it. Anything later is a pong. */
static void
answer(int fd)
{
	char room[4096];

	if (recv(fd, room, sizeof(room), MSG_DONTWAIT) <= 0)
		exit(0); /* the clients end together */
	if (!greeted[fd]) {
		greeted[fd] = true;
		(void)send(fd, hello, sizeof(hello) - 1, MSG_NOSIGNAL);
	} else if (count < CLIENTS) {
		clients[count++] = fd;
		(void)send(fd, subscribed, sizeof(subscribed) - 1, MSG_NOSIGNAL);
	}
}

static void
deliver(int peer)
{
	static char packet[WIRE_MAX], frame[HEADER + WIRE_MAX] = {(char)0x81, 126};
	struct wire_packet p;
	enum wire_result r;

	while ((r = wire_recv(peer, packet, &p)) == WIRE_OK) {
		frame[2] = (char)(p.body.n >> 8);
		frame[3] = (char)p.body.n;
		memcpy(frame + HEADER, p.body.p, p.body.n);
		for (unsigned i = 0; i < count; i++)
			(void)send(
			    clients[i], frame, HEADER + p.body.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	if (r == WIRE_CLOSED)
		exit(0);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[64];
	int epoll = epoll_create1(EPOLL_CLOEXEC), door, bus, peer = -1, n;
	uid_t uid;

	if (argc != 3)
		die("usage", "reference PUSH_SOCKET BUS_SOCKET");
	watch(epoll, door = listen_at(argv[1]));
	watch(epoll, bus = wire_listen(argv[2]));
	for (;;) {
		n = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == door)
				watch(epoll, accept4(door, NULL, NULL, SOCK_CLOEXEC));
			else if (fd == bus)
				watch(epoll, peer = wire_accept(bus, &uid));
			else if (fd == peer)
				deliver(peer);
			else
				answer(fd);
		}
	}
}
