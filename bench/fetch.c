/* SPDX-License-Identifier: MIT */
/* One reader who asks for page after page over one kept connection, or several who share the work,
 * through nginx. What is asked comes by standard input, in lines "CLASS PATH". Classes are numbers
 * from 0 on whose times are taken apart: what is to be compared is asked for in turn, so that noise
 * hits all alike. Prints a line of JSON, an array with the figures of each class; times in
 * microseconds, from the request to the last byte of its answer.
 *
 *   build/bench/fetch PORT TOKEN [READERS] < paths
 */
#include "hist.h"
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLASSES      160U
#define READERS      64U
#define PATIENCE     30 /* seconds for an answer */
#define REQUEST_SIZE 16384
#define ANSWER_SIZE  (4U << 20)

struct class
{
	struct hist times;
	uint64_t bytes; /* of all bodies */
	uint64_t other; /* answers that were not 200 */
};

struct reader {
	unsigned port;
	const char *token;
	int fd;
	size_t have;
	char answer[ANSWER_SIZE];
};

/* What the readers share; under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct class classes[CLASSES];
static size_t class_count;

static void
open_conn(struct reader *r)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const struct timeval patience = {.tv_sec = PATIENCE};
	const int on = 1;

	addr.sin_port = htons((uint16_t)r->port);
	if ((r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    connect(r->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("connect", strerror(errno));
	(void)setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

static void
ask(const struct reader *r, const char *path)
{
	char request[REQUEST_SIZE];
	int n = snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer %s\r\n\r\n", path,
	    r->port, r->token);

	if (n >= (int)sizeof(request))
		die("too long a path", path);
	if (send(r->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		die("send", strerror(errno));
}

static void
read_more(struct reader *r)
{
	ssize_t n = recv(r->fd, r->answer + r->have, ANSWER_SIZE - 1 - r->have, 0);

	if (n <= 0)
		die("no answer",
		    n < 0 ? strerror(errno) : "the connection or the room for it ended");
	r->have += (size_t)n;
	r->answer[r->have] = '\0';
}

/* Takes one whole answer; the length of its body. */
static size_t
take_answer(struct reader *r)
{
	const char *end, *length;
	size_t body;

	r->have = 0;
	do
		read_more(r);
	while ((end = strstr(r->answer, "\r\n\r\n")) == NULL);
	if ((length = strcasestr(r->answer, "\r\nContent-Length: ")) == NULL || length > end)
		die("an answer without Content-Length", r->answer);
	body = strtoul(length + 18, NULL, 10);
	while (r->have < (size_t)(end + 4 - r->answer) + body)
		read_more(r);
	return body;
}

/* Takes the next line; the number of its class, or -1 at the end. */
static int
next_line(char **line, size_t *size, char **path)
{
	ssize_t n;
	size_t class;

	(void)pthread_mutex_lock(&lock);
	n = getline(line, size, stdin);
	(void)pthread_mutex_unlock(&lock);
	if (n <= 0)
		return -1;
	class = strtoul(*line, path, 10);
	if (class >= CLASSES || **path != ' ')
		die("lines are CLASS PATH, not", *line);
	*path += 1;
	(*path)[strcspn(*path, "\n")] = '\0';
	return (int)class;
}

static void
note(const struct reader *r, int class, const char *path, uint64_t time, size_t bytes)
{
	struct class *c = &classes[class];

	(void)pthread_mutex_lock(&lock);
	c->bytes += bytes;
	hist_add(&c->times, time);
	if (strncmp(r->answer, "HTTP/1.1 200", 12) != 0 && c->other++ < 3)
		(void)fprintf(stderr, "bench: %s: not 200 but %.300s\n", path, r->answer);
	class_count = (size_t) class >= class_count ? (size_t) class + 1 : class_count;
	(void)pthread_mutex_unlock(&lock);
}

static void *
read_all(void *reader)
{
	struct reader *r = reader;
	char *line = NULL, *path;
	size_t size = 0, bytes;
	int class;

	open_conn(r);
	while ((class = next_line(&line, &size, &path)) >= 0) {
		uint64_t begun = load_now();

		ask(r, path);
		bytes = take_answer(r);
		note(r, class, path, load_now() - begun, bytes);
		/* nginx closes a connection after so many requests. */
		if (strcasestr(r->answer, "\r\nConnection: close\r\n") != NULL) {
			(void)close(r->fd);
			open_conn(r);
		}
	}
	free(line);
	return NULL;
}

static void
print(const struct class *c, const char *before)
{
	const struct hist *h = &c->times;

	(void)printf("%s{\"n\":%" PRIu64 ",\"other\":%" PRIu64 ",\"bytes\":%" PRIu64, before, h->n,
	    c->other, h->n > 0 ? c->bytes / h->n : 0);
	(void)printf(",\"p50\":%" PRIu64 ",\"p95\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64
		     "}",
	    hist_quantile(h, 0.5), hist_quantile(h, 0.95), hist_quantile(h, 0.99), h->max);
}

int
main(int argc, char **argv)
{
	pthread_t threads[READERS];
	unsigned count = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;

	if (argc < 3 || argc > 4 || count < 1 || count > READERS)
		die("usage", "fetch PORT TOKEN [READERS] < paths");
	for (unsigned i = 0; i < count; i++) {
		struct reader *r = calloc(1, sizeof(*r));

		if (r == NULL)
			die("memory", strerror(errno));
		r->port = (unsigned)strtoul(argv[1], NULL, 10);
		r->token = argv[2];
		if (pthread_create(&threads[i], NULL, read_all, r) != 0)
			die("thread", "could not be started");
	}
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < class_count; i++)
		print(&classes[i], i == 0 ? "[" : ",");
	(void)puts(class_count == 0 ? "[]" : "]");
	return 0;
}
