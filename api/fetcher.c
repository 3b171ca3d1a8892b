/* SPDX-License-Identifier: MIT */
#include "fetcher.h"

#include "shared/clock.h"
#include "shared/outbound.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CONNECT_MS   5000L
#define HEADER_BYTES 65536
#define FIRST_REAL   200 /* statuses below it are announcements */
struct slot {
	const struct fetcher *fetcher;
	CURL *link;
	struct curl_slist *list;
	bool busy;
	uint64_t id;
	bool refused;   /* an address that may not be reached was on the way */
	size_t headers; /* bytes of them */
	size_t answer_max;
	struct buf answer;
	int64_t started;
	char why[CURL_ERROR_SIZE];
};

struct fetcher {
	CURLM *links;
	struct outbound allow;
	size_t most;
	struct slot slots[];
};

struct fetcher *
fetcher_create(size_t most, const char *allow)
{
	struct fetcher *c = calloc(1, sizeof(*c) + most * sizeof(c->slots[0]));

	if (c == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->links = curl_multi_init()) == NULL || !outbound_read(allow, &c->allow))
		abort();
	c->most = most;
	for (size_t i = 0; i < most; i++) {
		c->slots[i].fetcher = c;
		if ((c->slots[i].link = curl_easy_init()) == NULL)
			abort();
	}
	return c;
}

static void
settle(struct slot *s)
{
	if (s->busy)
		(void)curl_multi_remove_handle(s->fetcher->links, s->link);
	s->busy = false;
	curl_slist_free_all(s->list);
	s->list = NULL;
}

void
fetcher_destroy(struct fetcher *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->most; i++) {
		settle(&c->slots[i]);
		curl_easy_cleanup(c->slots[i].link);
		buf_finish(&c->slots[i].answer);
	}
	(void)curl_multi_cleanup(c->links);
	curl_global_cleanup();
	free(c);
}

size_t
fetcher_free(const struct fetcher *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->most; i++)
		n += !c->slots[i].busy;
	return n;
}

bool
fetcher_has(const struct fetcher *c, uint64_t id)
{
	for (size_t i = 0; i < c->most; i++) {
		if (c->slots[i].busy && c->slots[i].id == id)
			return true;
	}
	return false;
}

/* The last word on where a request goes: this address is connected to, and no other. */
static curl_socket_t
open_checked(void *slot, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct slot *s = slot;

	if (purpose == CURLSOCKTYPE_IPCXN &&
	    outbound_may(&s->fetcher->allow, &to->addr, (socklen_t)to->addrlen))
		return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	s->refused = true;
	return CURL_SOCKET_BAD;
}

/* Keeps the beginning of the text; too much ends it. */
static size_t
keep(char *bytes, size_t size, size_t n, void *slot)
{
	struct slot *s = slot;
	size_t room = s->answer_max - s->answer.n, all = size * n;

	buf_add(&s->answer, bytes, all < room ? all : room);
	return all > room ? 0 : all;
}

static size_t
count_header(char *bytes, size_t size, size_t n, void *slot)
{
	struct slot *s = slot;

	(void)bytes;
	s->headers += size * n;
	return s->headers > HEADER_BYTES ? 0 : size * n;
}

static struct curl_slist *
headers(const struct fetcher_job *job)
{
	/* Without this libcurl asks first whether a long body is welcome. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (unsigned i = 0; i < FETCHER_HEADERS_MAX && job->headers[i] != NULL; i++)
		list = curl_slist_append(list, job->headers[i]);
	if (list == NULL)
		abort();
	return list;
}

static void
limit(const struct slot *s, long ms)
{
	(void)curl_easy_setopt(
	    s->link, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : CONNECT_MS);
	(void)curl_easy_setopt(s->link, CURLOPT_TIMEOUT_MS, ms);
	(void)curl_easy_setopt(s->link, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not keep us from giving up. */
	(void)curl_easy_setopt(s->link, CURLOPT_QUICK_EXIT, 1L);
}

/* Where a request may go, and what it may take along. */
static void
shield(struct slot *s, const struct fetcher_job *job)
{
	const char *protocols = s->fetcher->allow.n > 0 ? "https,http" : "https";

	(void)curl_easy_setopt(s->link, CURLOPT_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(s->link, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(s->link, CURLOPT_FOLLOWLOCATION, job->redirects > 0 ? 1L : 0L);
	(void)curl_easy_setopt(s->link, CURLOPT_MAXREDIRS, (long)job->redirects);
	(void)curl_easy_setopt(s->link, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	(void)curl_easy_setopt(s->link, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(s->link, CURLOPT_OPENSOCKETFUNCTION, open_checked);
	(void)curl_easy_setopt(s->link, CURLOPT_OPENSOCKETDATA, s);
	(void)curl_easy_setopt(s->link, CURLOPT_USERAGENT, "Maru/" MARU_VERSION);
}

static void
listen_to(struct slot *s)
{
	(void)curl_easy_setopt(s->link, CURLOPT_WRITEFUNCTION, keep);
	(void)curl_easy_setopt(s->link, CURLOPT_WRITEDATA, s);
	(void)curl_easy_setopt(s->link, CURLOPT_HEADERFUNCTION, count_header);
	(void)curl_easy_setopt(s->link, CURLOPT_HEADERDATA, s);
	(void)curl_easy_setopt(s->link, CURLOPT_ERRORBUFFER, s->why);
	(void)curl_easy_setopt(s->link, CURLOPT_PRIVATE, s);
}

static struct slot *
find_free(struct fetcher *c)
{
	for (size_t i = 0; i < c->most; i++) {
		if (!c->slots[i].busy)
			return &c->slots[i];
	}
	abort();
}

void
fetcher_start(struct fetcher *c, const struct fetcher_job *job)
{
	struct slot *s = find_free(c);

	curl_easy_reset(s->link);
	s->busy = true;
	s->id = job->id;
	s->refused = false;
	s->why[0] = '\0';
	s->headers = 0;
	s->answer_max = job->answer_max;
	buf_finish(&s->answer);
	buf_init(&s->answer, job->answer_max);
	s->list = headers(job);
	s->started = clock_mono();
	shield(s, job);
	limit(s, job->limit_ms);
	listen_to(s);
	(void)curl_easy_setopt(s->link, CURLOPT_HTTPHEADER, s->list);
	(void)curl_easy_setopt(s->link, CURLOPT_URL, job->url);
	if (job->body.p != NULL) {
		(void)curl_easy_setopt(
		    s->link, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)job->body.n);
		(void)curl_easy_setopt(s->link, CURLOPT_COPYPOSTFIELDS, job->body.p);
	}
	if (curl_multi_add_handle(c->links, s->link) != CURLM_OK)
		abort();
}

void
fetcher_wait(struct fetcher *c, int ms)
{
	size_t busy = c->most - fetcher_free(c);
	int running = 0;

	(void)curl_multi_perform(c->links, &running);
	if ((size_t)running < busy)
		return;
	(void)curl_multi_poll(c->links, NULL, 0, ms, NULL);
	(void)curl_multi_perform(c->links, &running);
}

/* What became of a request whose answer has come, or never will. */
static void
describe(struct slot *s, CURLcode code, struct fetcher_end *end)
{
	long status = 0;
	char *type = NULL;

	(void)curl_easy_getinfo(s->link, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(s->link, CURLINFO_CONTENT_TYPE, &type);
	/* Of a request that was sent on, that is the status of the one who did it. */
	if (status < FIRST_REAL || s->refused || code == CURLE_TOO_MANY_REDIRECTS)
		status = 0;
	if (s->refused)
		(void)snprintf(s->why, sizeof(s->why), FETCHER_WHY_REFUSED);
	else if (s->why[0] == '\0')
		(void)snprintf(s->why, sizeof(s->why), "%s", curl_easy_strerror(code));
	*end = (struct fetcher_end){.id = s->id,
	    .status = (int)status,
	    .why = s->why,
	    .type = type == NULL ? "" : type,
	    .answer = {s->answer.p, s->answer.n},
	    .ms = clock_mono() - s->started};
}

bool
fetcher_next(struct fetcher *c, struct fetcher_end *end)
{
	struct CURLMsg *message;
	struct slot *s = NULL;
	int left;

	do {
		if ((message = curl_multi_info_read(c->links, &left)) == NULL)
			return false;
	} while (message->msg != CURLMSG_DONE);
	(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
	describe(s, message->data.result, end);
	settle(s);
	return true;
}

/* One part of an address; the result is "" where it has none, and belongs to the asker. */
static char *
part_of(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	if (curl_url_get(url, part, &text, 0) == CURLUE_OK)
		return text;
	return strdup("");
}

static bool
has_part(CURLU *url, CURLUPart part)
{
	char *text = part_of(url, part);
	bool has = text != NULL && text[0] != '\0';

	curl_free(text);
	return has;
}

static const char *
parts_problem(CURLU *url, const char *allow)
{
	char *scheme = part_of(url, CURLUPART_SCHEME);
	bool secure = strcmp(scheme, "https") == 0, plain = strcmp(scheme, "http") == 0;

	curl_free(scheme);
	if (!secure && !(plain && allow[0] != '\0'))
		return "must begin with https://";
	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
		return "must have no user name in it";
	if (has_part(url, CURLUPART_ZONEID) || !has_part(url, CURLUPART_HOST))
		return "is no address";
	return NULL;
}

const char *
fetcher_url_problem(const char *url, const char *allow)
{
	CURLU *parts;
	const char *problem;

	for (const char *c = url; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f)
			return "is no address";
	}
	if ((parts = curl_url()) == NULL)
		abort();
	problem = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK
		      ? parts_problem(parts, allow)
		      : "is no address";
	curl_url_cleanup(parts);
	return problem;
}
