/* SPDX-License-Identifier: MIT */
#include "chat_net.h"

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS  64 /* few: messages that are due meanwhile wait for them */
#define OUT_MAX 1048576

static struct {
	int epoll;
	struct net_bytes bytes;
	char room[262144];
} net;

void
net_start(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	/* Otherwise the kernel may wake us 50 us after the time that was asked for. */
	(void)prctl(PR_SET_TIMERSLACK, 1);
	if ((net.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll", strerror(errno));
}

struct net_bytes
net_bytes(void)
{
	return net.bytes;
}

/* ---- one connection ---------------------------------------------------------------- */

static void
watch(struct peer *p, int operation, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data = {.ptr = p}};

	if (epoll_ctl(net.epoll, operation, p->fd, &ev) < 0)
		die("epoll", strerror(errno));
}

void
net_init(struct peer *p, const struct peer_kind *kind)
{
	p->kind = kind;
	p->fd = -1;
	buf_init(&p->in, sizeof(net.room));
	buf_init(&p->out, OUT_MAX);
}

void
net_open(struct peer *p, unsigned port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int on = 1;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 || (connect(p->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 &&
			     errno != EINPROGRESS))
		die("connect", strerror(errno));
	(void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	watch(p, EPOLL_CTL_ADD, EPOLLIN);
}

/* Whichever call meets an error first is told, later ones are not. */
static void
check_refused(void)
{
	if (errno == ECONNREFUSED)
		die("connect", strerror(errno));
}

/* How many of the bytes the kernel took. If it takes none because the connection is broken, the
 * next recv() says so. */
static size_t
push(const struct peer *p, struct str bytes)
{
	ssize_t n = send(p->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

	if (n < 0)
		check_refused();
	if (n <= 0)
		return 0;
	net.bytes.out += (size_t)n;
	return (size_t)n;
}

void
net_send(struct peer *p, struct str bytes)
{
	size_t done = p->out.n == 0 ? push(p, bytes) : 0;

	if (done == bytes.n)
		return;
	if (p->out.n == 0)
		watch(p, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
	buf_add(&p->out, bytes.p + done, bytes.n - done);
	if (p->out.full)
		die("send", "the server does not read");
}

void
net_close(struct peer *p)
{
	(void)close(p->fd);
	p->fd = -1;
	buf_clear(&p->in);
	buf_clear(&p->out);
}

/* ---- the loop ---------------------------------------------------------------------- */

static void
writable(struct peer *p)
{
	size_t done = push(p, (struct str){p->out.p, p->out.n});

	p->out.n -= done;
	memmove(p->out.p, p->out.p + done, p->out.n);
	if (p->out.n == 0)
		watch(p, EPOLL_CTL_MOD, EPOLLIN);
}

static void
readable(struct peer *p)
{
	size_t have = p->in.n, used;
	ssize_t n;

	if (have > 0)
		memcpy(net.room, p->in.p, have);
	if (have == sizeof(net.room) - 1)
		die("too much at a time", net.room);
	n = recv(p->fd, net.room + have, sizeof(net.room) - 1 - have, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		int error = n == 0 ? 0 : errno;

		if (n < 0)
			check_refused();
		net_close(p);
		p->kind->ended(p, error);
		return;
	}
	net.bytes.in += (size_t)n;
	have += (size_t)n;
	net.room[have] = '\0';
	used = p->kind->take(p, (struct str){net.room, have});
	buf_clear(&p->in);
	if (used < have)
		buf_add(&p->in, net.room + used, have - used);
}

void
net_serve(uint64_t us)
{
	struct timespec ts = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
	struct epoll_event events[EVENTS];
	int n = epoll_pwait2(net.epoll, events, EVENTS, &ts, NULL);

	if (n < 0 && errno != EINTR)
		die("epoll_pwait2", strerror(errno));
	for (int i = 0; i < n; i++) {
		struct peer *p = events[i].data.ptr;

		/* What happened to one may have closed another. */
		if (p->fd >= 0 && p->out.n > 0 && (events[i].events & EPOLLOUT) != 0)
			writable(p);
		if (p->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT) != 0)
			readable(p);
	}
}
