/* SPDX-License-Identifier: MIT */
#include "chat_http.h"

#include "chat_net.h"
#include "load.h"

#include <errno.h>
#include <stdlib.h>

#define REQUEST_MAX 2048

struct request {
	const struct http_kind *kind;
	uint64_t number;
	struct request *next;
};

/* Opened when it is needed, and again when it was closed meanwhile. */
struct conn {
	struct peer peer;
	struct request request; /* kind NULL: none */
	struct conn *next;      /* of the free ones */
};

static struct {
	unsigned port;
	bool keep;
	struct conn *free;
	struct request *first, **end; /* that wait */
	struct http_post post;
	struct buf text;
} http;

static void
begin(struct conn *c, struct request request)
{
	struct http_post *post = &http.post;

	c->request = request;
	buf_clear(&post->body);
	request.kind->write(request.number, post);
	buf_clear(&http.text);
	buf_printf(&http.text,
	    "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
	    post->path, http.port, post->token, post->body.n,
	    http.keep ? "" : "Connection: close\r\n", post->body.p);
	if (http.text.full)
		die("request", "too long");
	if (c->peer.fd < 0)
		net_open(&c->peer, http.port);
	net_send(&c->peer, (struct str){http.text.p, http.text.n});
}

static void
finish(struct conn *c, unsigned status, struct str answer)
{
	struct request *waiting;

	c->request.kind->done(c->request.number, status, answer);
	c->request.kind = NULL;
	if ((waiting = http.first) == NULL) {
		c->next = http.free;
		http.free = c;
		return;
	}
	if ((http.first = waiting->next) == NULL)
		http.end = &http.first;
	begin(c, *waiting);
	free(waiting);
}

static size_t
take(struct peer *p, struct str bytes)
{
	struct conn *c = (struct conn *)p;
	const char *end = strstr(bytes.p, "\r\n\r\n"), *length, *last;
	size_t head, body;

	if (end == NULL)
		return 0;
	head = (size_t)(end - bytes.p) + 4;
	length = strcasestr(bytes.p, "\r\nContent-Length: ");
	if (strncmp(bytes.p, "HTTP/1.1 ", 9) != 0 || length == NULL || length > end)
		die("no answer with Content-Length", bytes.p);
	body = strtoul(length + 18, NULL, 10);
	if (head + body > bytes.n)
		return 0;
	last = strcasestr(bytes.p, "\r\nConnection: close");
	if (!http.keep || c->request.kind == NULL || (last != NULL && last < end))
		net_close(p);
	if (c->request.kind != NULL)
		finish(c, (unsigned)strtoul(bytes.p + 9, NULL, 10),
		    (struct str){bytes.p + head, body});
	return bytes.n;
}

static void
ended(struct peer *p, int error)
{
	struct conn *c = (struct conn *)p;

	if (c->request.kind != NULL)
		finish(c, 0, str_of(error == 0 ? "the connection was closed" : strerror(error)));
}

void
http_start(unsigned port, unsigned connections, bool keep)
{
	static const struct peer_kind kind = {take, ended};
	struct conn *conns = calloc(connections, sizeof(*conns));

	if (conns == NULL)
		die("memory", strerror(errno));
	http.port = port;
	http.keep = keep;
	http.end = &http.first;
	buf_init(&http.post.body, REQUEST_MAX);
	buf_init(&http.text, REQUEST_MAX);
	for (struct conn *c = conns; c < conns + connections; c++) {
		net_init(&c->peer, &kind);
		c->next = http.free;
		http.free = c;
	}
}

void
http_post(const struct http_kind *kind, uint64_t number)
{
	struct conn *c = http.free;
	struct request *waiting;

	if (c != NULL) {
		http.free = c->next;
		begin(c, (struct request){kind, number, NULL});
		return;
	}
	if ((waiting = malloc(sizeof(*waiting))) == NULL)
		die("memory", strerror(errno));
	*waiting = (struct request){kind, number, NULL};
	*http.end = waiting;
	http.end = &waiting->next;
}
