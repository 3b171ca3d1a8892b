/* SPDX-License-Identifier: MIT */
/* The codec and the socket behind wire.h. */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct head {
	uint16_t version;
	uint16_t size; /* of this header: a second guard against a peer of another build */
	uint8_t op;
	uint8_t kind;
	uint16_t channel_len;
	uint32_t body_len;
	uint32_t zero;
	uint64_t stream;
	uint64_t seq;
	uint64_t mid;
	uint64_t prev;
	uint64_t user;
	uint64_t session;
	uint64_t sender;
	int64_t time;
};

_Static_assert(sizeof(struct head) == 80, "the header has no padding");

size_t
wire_encode(const struct wire_packet *p, char *out)
{
	struct head h = {
	    .version = WIRE_VERSION,
	    .size = sizeof(h),
	    .op = (uint8_t)p->op,
	    .kind = (uint8_t)p->kind,
	    .channel_len = (uint16_t)p->channel.n,
	    .body_len = (uint32_t)p->body.n,
	    .stream = p->stream,
	    .seq = p->seq,
	    .mid = p->mid,
	    .prev = p->prev,
	    .user = p->user,
	    .session = p->session,
	    .sender = p->sender,
	    .time = p->time,
	};

	if (p->channel.n > WIRE_CHANNEL_MAX || p->body.n > WIRE_MAX - sizeof(h) - p->channel.n)
		return 0;
	memcpy(out, &h, sizeof(h));
	if (p->channel.n > 0)
		memcpy(out + sizeof(h), p->channel.p, p->channel.n);
	if (p->body.n > 0)
		memcpy(out + sizeof(h) + p->channel.n, p->body.p, p->body.n);
	return sizeof(h) + p->channel.n + p->body.n;
}

bool
wire_decode(const char *bytes, size_t n, struct wire_packet *p)
{
	struct head h;

	if (n < sizeof(h) || n > WIRE_MAX)
		return false;
	memcpy(&h, bytes, sizeof(h));
	if (h.version != WIRE_VERSION || h.size != sizeof(h) || h.zero != 0)
		return false;
	if (h.op == 0 || h.op >= WIRE_OP_END || h.kind > WIRE_SYSTEM)
		return false;
	if (h.channel_len > WIRE_CHANNEL_MAX || h.body_len > WIRE_MAX ||
	    n != sizeof(h) + h.channel_len + h.body_len)
		return false;
	*p = (struct wire_packet){
	    .op = (enum wire_op)h.op,
	    .kind = (enum wire_kind)h.kind,
	    .stream = h.stream,
	    .seq = h.seq,
	    .mid = h.mid,
	    .prev = h.prev,
	    .user = h.user,
	    .session = h.session,
	    .sender = h.sender,
	    .time = h.time,
	    .channel = {bytes + sizeof(h), h.channel_len},
	    .body = {bytes + sizeof(h) + h.channel_len, h.body_len},
	};
	return true;
}

static bool
set_address(const char *path, struct sockaddr_un *addr)
{
	size_t n = strlen(path);

	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (n == 0 || n >= sizeof(addr->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(addr->sun_path, path, n);
	return true;
}

static int
close_with(int fd, int error)
{
	(void)close(fd);
	errno = error;
	return -1;
}

int
wire_connect(const char *path)
{
	struct sockaddr_un addr;
	int fd;

	if (!set_address(path, &addr))
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return close_with(fd, errno);
	return fd;
}

int
wire_listen(const char *path)
{
	struct sockaddr_un addr;
	struct stat left;
	int fd;

	if ((fd = wire_connect(path)) >= 0)
		return close_with(fd, EADDRINUSE);
	if (!set_address(path, &addr))
		return -1;
	if (lstat(path, &left) == 0 && !S_ISSOCK(left.st_mode)) {
		errno = EEXIST; /* somebody's file: a wrong path in the settings */
		return -1;
	}
	(void)unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 || chmod(path, 0660) < 0 ||
	    listen(fd, 128) < 0)
		return close_with(fd, errno);
	return fd;
}

int
wire_accept(int listener, uid_t *uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return close_with(fd, errno);
	*uid = peer.uid;
	return fd;
}

enum wire_result
wire_send(int fd, const struct wire_packet *p)
{
	static char bytes[WIRE_MAX]; /* both programs speak to the bus from one thread only */
	size_t n = wire_encode(p, bytes);
	ssize_t sent;

	if (n == 0)
		return WIRE_BAD;
	do
		sent = send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return WIRE_OK;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return WIRE_AGAIN;
	return errno == EMSGSIZE ? WIRE_BAD : WIRE_CLOSED;
}

enum wire_result
wire_recv(int fd, char *buffer, struct wire_packet *p)
{
	struct iovec iov = {buffer, WIRE_MAX};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_AGAIN : WIRE_CLOSED;
	if (n == 0)
		return WIRE_CLOSED;
	if ((msg.msg_flags & MSG_TRUNC) != 0 || !wire_decode(buffer, (size_t)n, p))
		return WIRE_BAD;
	return WIRE_OK;
}
