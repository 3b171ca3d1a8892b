/* SPDX-License-Identifier: MIT */
/* Sits in the bus and loses, doubles and shuffles events:
 *
 *   busproxy LISTEN TARGET DROP DOUBLE SHUFFLE      the last three in percent
 *
 * LISTEN takes the place of the daemon's socket, which was renamed to TARGET. Only WIRE_EVENT
 * packets suffer; what the feeder and the daemon say to each other passes. A shuffled packet waits
 * up to 40 ms, which is below and above what the daemon itself waits for. SIGTERM: prints one line
 * of JSON with what was done, and ends.
 */
#include "shared/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAIRS     600
#define LATE_MAX  4096
#define LATE_MS   40
#define PATIENCE  1000 /* milliseconds for a side that does not read */
#define BAD_USAGE 2

struct late {
	int64_t due;
	size_t n;
	char *bytes;
	unsigned pair;
	unsigned life; /* of the pair: its number may be another connection's by then */
};

static struct {
	struct pollfd fds[2 * PAIRS + 1]; /* the last one listens */
	unsigned life[PAIRS];
	struct late late[LATE_MAX];
	unsigned late_count;
	unsigned drop, twice, shuffle;
	unsigned long events, dropped, doubled, shuffled;
	const char *target;
	char bytes[WIRE_MAX];
} proxy;

static volatile sig_atomic_t stopping;

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
chance(unsigned percent)
{
	uint32_t r;

	return getrandom(&r, sizeof(r), 0) == sizeof(r) && r % 100 < percent;
}

static void
hang_up(unsigned pair)
{
	for (unsigned i = 2 * pair; i < 2 * pair + 2; i++) {
		if (proxy.fds[i].fd >= 0)
			(void)close(proxy.fds[i].fd);
		proxy.fds[i].fd = -1;
	}
	proxy.life[pair]++;
}

/* The daemon's own losses are not to be mixed with ours: a full queue is waited for. */
static void
pass(unsigned to, const char *bytes, size_t n)
{
	struct pollfd room = {.fd = proxy.fds[to].fd, .events = POLLOUT};

	while (send(room.fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if ((errno != EAGAIN && errno != EINTR) || poll(&room, 1, PATIENCE) <= 0) {
			hang_up(to / 2);
			return;
		}
	}
}

static void
put_off(unsigned pair, size_t n)
{
	struct late *l = &proxy.late[proxy.late_count++];
	char *copy = malloc(n);

	if (copy == NULL)
		abort();
	memcpy(copy, proxy.bytes, n);
	*l = (struct late){now_ms() + rand() % LATE_MS, n, copy, pair, proxy.life[pair]};
}

static void
spoil(unsigned pair, size_t n)
{
	unsigned to = 2 * pair + 1;

	proxy.events++;
	if (chance(proxy.drop)) {
		proxy.dropped++;
		return;
	}
	if (chance(proxy.twice)) {
		proxy.doubled++;
		pass(to, proxy.bytes, n);
	}
	if (chance(proxy.shuffle) && proxy.late_count < LATE_MAX) {
		proxy.shuffled++;
		put_off(pair, n);
	} else {
		pass(to, proxy.bytes, n);
	}
}

static void
send_late(void)
{
	int64_t now = now_ms();

	for (unsigned i = 0; i < proxy.late_count;) {
		struct late *l = &proxy.late[i];

		if (l->due > now) {
			i++;
			continue;
		}
		if (l->life == proxy.life[l->pair])
			pass(2 * l->pair + 1, l->bytes, l->n);
		free(l->bytes);
		*l = proxy.late[--proxy.late_count];
	}
}

/* Even places are maru-api's side, odd ones maru-push's. */
static void
move(unsigned from)
{
	struct wire_packet p;
	ssize_t n = recv(proxy.fds[from].fd, proxy.bytes, sizeof(proxy.bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		hang_up(from / 2);
	else if (from % 2 == 0 && wire_decode(proxy.bytes, (size_t)n, &p) && p.op == WIRE_EVENT)
		spoil(from / 2, (size_t)n);
	else
		pass(from ^ 1U, proxy.bytes, (size_t)n);
}

static void
meet(int listener)
{
	unsigned pair = 0;
	uid_t uid;
	int fd = wire_accept(listener, &uid);

	while (pair < PAIRS && proxy.fds[2 * pair].fd >= 0)
		pair++;
	if (fd < 0)
		return;
	if (pair == PAIRS) {
		(void)close(fd);
		return;
	}
	proxy.fds[2 * pair].fd = fd;
	if ((proxy.fds[2 * pair + 1].fd = wire_connect(proxy.target)) < 0)
		hang_up(pair);
}

int
main(int argc, char **argv)
{
	struct sigaction stop = {.sa_handler = on_stop};

	if (argc != 6) {
		(void)fprintf(stderr, "busproxy LISTEN TARGET DROP DOUBLE SHUFFLE\n");
		return BAD_USAGE;
	}
	proxy.target = argv[2];
	proxy.drop = (unsigned)strtoul(argv[3], NULL, 10);
	proxy.twice = (unsigned)strtoul(argv[4], NULL, 10);
	proxy.shuffle = (unsigned)strtoul(argv[5], NULL, 10);
	for (unsigned i = 0; i < 2 * PAIRS + 1; i++)
		proxy.fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	if ((proxy.fds[2 * PAIRS].fd = wire_listen(argv[1])) < 0) {
		perror(argv[1]);
		return 1;
	}
	(void)sigaction(SIGTERM, &stop, NULL);
	while (!stopping) {
		(void)poll(proxy.fds, 2 * PAIRS + 1, proxy.late_count > 0 ? 1 : -1);
		for (unsigned i = 0; i < 2 * PAIRS; i++) {
			if (proxy.fds[i].fd >= 0 && proxy.fds[i].revents != 0)
				move(i);
		}
		if (proxy.fds[2 * PAIRS].revents != 0)
			meet(proxy.fds[2 * PAIRS].fd);
		send_late();
	}
	(void)printf("{\"events\":%lu,\"dropped\":%lu,\"doubled\":%lu,\"shuffled\":%lu}\n",
	    proxy.events, proxy.dropped, proxy.doubled, proxy.shuffled);
	return 0;
}
