/* SPDX-License-Identifier: MIT */
/* Peers of the bus and the table of what they may say, see bus.h. */
#include "bus.h"

#include "clock.h"
#include "crash.h"
#include "follow.h"
#include "hooks.h"
#include "hub.h"
#include "log.h"
#include "pace.h"
#include "publish.h"
#include "reads.h"
#include "seats.h"
#include "stats.h"
#include "turn.h"
#include "wire.h"

#include <errno.h>
#include <ev.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <utlist.h>

/* What is read from all peers; then the clients get theirs, all of them. */
#define ROUND_PACKETS 120
#define ROUND_BYTES   262144

#define READY_MAX 64
#define PEERS_MAX 512 /* maru-api has at most 256 workers and a few more processes */

struct peer {
	int fd;
	struct peer *prev, *next;
};

static struct {
	struct ev_loop *loop;
	struct hub *hub;
	const char *path; /* NULL: not listening */
	struct ev_io listener;
	int epoll; /* of all peers, so that the loop can leave them all alone at once */
	struct ev_io ready;
	struct peer *peers;
	struct peer *feeder; /* one of them, or NULL */
	unsigned count;
	unsigned round;   /* turn_rounds() when the next were counted from 0 */
	unsigned packets; /* read since then */
	size_t bytes;
	struct pace bad; /* log lines about broken packets */
	char packet[WIRE_MAX];
} bus;

/* ---- the packets ---- */

static bool
on_event(struct peer *peer, const struct wire_packet *p)
{
	(void)peer;
	if (p->channel.n == 0 || p->body.n == 0)
		return false;
	CRASH_POINT("push.before_fanout");
	if (p->kind != 0)
		follow_event(p);
	else
		publish_text(bus.hub, p->channel, p->body, NULL);
	return true;
}

static bool
on_signal(struct peer *peer, const struct wire_packet *p)
{
	(void)peer;
	if (p->channel.n == 0 || p->body.n == 0)
		return false;
	stats.signals++;
	publish_signal(bus.hub, p->channel, p->body, p->user);
	return true;
}

static bool
on_cut(struct peer *peer, const struct wire_packet *p)
{
	(void)peer;
	if (p->body.n == 0)
		return false;
	hub_cut(bus.hub, p->body, (unsigned)p->user);
	return true;
}

/* The latest feeder counts: after a reload the one before still lives for a moment. */
static bool
on_feeder(struct peer *peer, const struct wire_packet *p)
{
	(void)p;
	bus.feeder = peer;
	follow_feeder();
	hooks_flush();
	return true;
}

static bool
on_fetched(struct peer *peer, const struct wire_packet *p)
{
	if (p->kind == 0 || p->body.n == 0)
		return false;
	if (peer == bus.feeder)
		follow_fetched(p);
	return true;
}

static bool
on_head(struct peer *peer, const struct wire_packet *p)
{
	if (p->kind == 0)
		return false;
	if (peer == bus.feeder)
		follow_head(p);
	return true;
}

static bool
on_heads(struct peer *peer, const struct wire_packet *p)
{
	if (p->kind == 0)
		return false;
	if (peer == bus.feeder)
		follow_heads(p);
	return true;
}

static bool
on_read(struct peer *peer, const struct wire_packet *p)
{
	(void)peer;
	if (p->kind != WIRE_ROOM || p->channel.n == 0 || p->user == 0 || p->seq == 0)
		return false;
	stats.signals++;
	reads_moved(bus.hub, p->channel, p->stream, p->user, p->seq, p->session != 0);
	return true;
}

static bool
on_seats(struct peer *peer, const struct wire_packet *p)
{
	return peer != bus.feeder || seats_answer(bus.hub, p);
}

static bool
on_revoke(struct peer *peer, const struct wire_packet *p)
{
	(void)peer;
	if (p->channel.n == 0 || p->user == 0)
		return false;
	hub_revoke(bus.hub, p->channel, p->user, p->seq);
	return true;
}

static bool (*const ops[WIRE_OP_END])(struct peer *, const struct wire_packet *) = {
    [WIRE_EVENT] = on_event,
    [WIRE_SIGNAL] = on_signal,
    [WIRE_CUT] = on_cut,
    [WIRE_FEEDER] = on_feeder,
    [WIRE_FETCHED] = on_fetched,
    [WIRE_HEAD] = on_head,
    [WIRE_HEADS] = on_heads,
    [WIRE_READ] = on_read,
    [WIRE_DESKS] = on_seats,
    [WIRE_CALLS] = on_seats,
    [WIRE_REVOKE] = on_revoke,
};

static bool
apply(struct peer *peer, const struct wire_packet *p)
{
	return ops[p->op] != NULL && ops[p->op](peer, p);
}

bool
bus_ask(const struct wire_packet *p)
{
	return bus.feeder != NULL && wire_send(bus.feeder->fd, p) == WIRE_OK;
}

/* ---- the peers ---- */

static void
drop_peer(struct peer *peer)
{
	(void)close(peer->fd);
	if (peer == bus.feeder) {
		bus.feeder = NULL;
		follow_feeder();
	}
	DL_DELETE(bus.peers, peer);
	bus.count--;
	free(peer);
}

/* Whether more may be read before the clients are served. */
static bool
has_room(void)
{
	if (turn_is_behind())
		return false;
	if (bus.round != turn_rounds()) {
		bus.round = turn_rounds();
		bus.packets = 0;
		bus.bytes = 0;
	}
	if (bus.packets < ROUND_PACKETS && bus.bytes < ROUND_BYTES)
		return true;
	turn_hurry();
	return false;
}

static void
complain(void)
{
	if (pace_allow(&bus.bad, 1, clock_mono()))
		log_warn("bus: dropped a packet that is not understood; are maru-api and maru-push "
			 "of one version?");
}

static void
read_packets(struct peer *peer)
{
	struct wire_packet p;

	while (has_room()) {
		enum wire_result r = wire_recv(peer->fd, bus.packet, &p);

		if (r == WIRE_AGAIN)
			return;
		if (r == WIRE_CLOSED) {
			drop_peer(peer);
			return;
		}
		bus.packets++;
		bus.bytes += r == WIRE_OK ? p.body.n : 0;
		if (r == WIRE_BAD || !apply(peer, &p))
			complain();
	}
}

static void
on_ready(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct epoll_event ready[READY_MAX];
	int n = epoll_wait(bus.epoll, ready, READY_MAX, 0);

	(void)loop;
	(void)io;
	(void)events;
	for (int i = 0; i < n; i++)
		read_packets(ready[i].data.ptr);
}

static bool
is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static void
on_peer(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct peer *peer;
	uid_t uid;
	int fd = wire_accept(io->fd, &uid);

	(void)loop;
	(void)events;
	if (fd < 0)
		return;
	if (!is_trusted(uid) || bus.count >= PEERS_MAX) {
		if (pace_allow(&bus.bad, 1, clock_mono()))
			log_warn("bus: refused a process of uid %u", (unsigned)uid);
		(void)close(fd);
		return;
	}
	if ((peer = calloc(1, sizeof(*peer))) == NULL)
		abort();
	peer->fd = fd;
	DL_APPEND(bus.peers, peer);
	bus.count++;
	ev.data.ptr = peer;
	if (epoll_ctl(bus.epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		drop_peer(peer);
}

bool
bus_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub)
{
	int fd = wire_listen(conf->bus_socket);

	if (fd < 0) {
		log_error("bus_socket %s: %s", conf->bus_socket,
		    errno == EADDRINUSE ? "another maru-push is running" : strerror(errno));
		return false;
	}
	if ((bus.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		abort();
	bus.loop = loop;
	bus.hub = hub;
	bus.path = conf->bus_socket;
	ev_io_init(&bus.listener, on_peer, fd, EV_READ);
	ev_io_start(loop, &bus.listener);
	ev_io_init(&bus.ready, on_ready, bus.epoll, EV_READ);
	ev_io_start(loop, &bus.ready);
	turn_hold(&bus.ready);
	return true;
}

void
bus_stop(void)
{
	if (bus.path == NULL)
		return;
	turn_hold(NULL);
	ev_io_stop(bus.loop, &bus.ready);
	ev_io_stop(bus.loop, &bus.listener);
	(void)close(bus.listener.fd);
	(void)unlink(bus.path);
	while (bus.peers != NULL)
		drop_peer(bus.peers);
	(void)close(bus.epoll);
	bus.path = NULL;
}
