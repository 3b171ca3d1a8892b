/* SPDX-License-Identifier: MIT */
/* The FastCGI side of a worker. nginx sends the parameters that conf/nginx.conf lists, and nothing
 * that a client could name itself. */
#include "fcgi.h"

#include "flow.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "timing.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG    1024
#define ANSWER_MAX ((size_t)32 << 20) /* 1000 messages of 4000 times \u0001 are 24 MB */

static FCGX_Request request;

int
fcgi_listen(const char *path, const char *group)
{
	mode_t before = umask(0117);
	int fd = FCGX_OpenSocket(path, BACKLOG);
	const struct group *g;

	(void)umask(before);
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (group[0] == '\0')
		return fd;
	if ((g = getgrnam(group)) == NULL || chown(path, (uid_t)-1, g->gr_gid) < 0)
		log_warn("can't give %s to group %s: %s", path, group, strerror(errno));
	return fd;
}

bool
fcgi_start(int listener)
{
	return FCGX_Init() == 0 &&
	       FCGX_InitRequest(&request, listener, FCGI_FAIL_ACCEPT_ON_INTR) == 0;
}

void
fcgi_stop(void)
{
	FCGX_ShutdownPending();
}

static const char *
param(const char *name)
{
	const char *value = FCGX_GetParam(name, request.envp);

	return value == NULL ? "" : value;
}

/* A parameter that is still wanted, for the log, after the library has let go of the request. */
static const char *
kept_param(struct req *r, const char *name)
{
	return arena_strdup(&r->mem, param(name));
}

/* Names the request in the log and in problem documents. nginx could do it, at ten times the price.
 */
static const char *
make_id(struct req *r)
{
	unsigned char bytes[16];
	char *id = arena_alloc(&r->mem, 2 * sizeof(bytes) + 1);

	crypt_random(bytes, sizeof(bytes));
	crypt_hex(bytes, sizeof(bytes), id);
	return id;
}

/* Reads the body that was announced; what was announced and did not come is an empty body. */
static void
read_content(struct req *r)
{
	const char *text = param("CONTENT_LENGTH");
	unsigned long n;
	char *p, *end;

	if (*text == '\0')
		return;
	errno = 0;
	n = strtoul(text, &end, 10);
	r->announced = errno != 0 || *end != '\0' || *text == '-' ? SIZE_MAX : n;
	if (r->announced > REQ_APP_BODY_MAX)
		return;
	p = arena_alloc(&r->mem, n + 1);
	if (FCGX_GetStr(p, (int)n, request.in) == (int)n)
		r->content = (struct str){p, n};
}

size_t
fcgi_read(struct req *r, char *out, size_t max)
{
	size_t n = r->content.n;
	int got;

	if (r->announced > REQ_APP_BODY_MAX) {
		got = FCGX_GetStr(out, (int)max, request.in);
		return got > 0 ? (size_t)got : 0;
	}
	n = n < max ? n : max;
	if (n > 0)
		memcpy(out, r->content.p, n);
	r->content = (struct str){r->content.p + n, r->content.n - n};
	return n;
}

bool
fcgi_next(struct req *r)
{
	char *uri;
	size_t n;

	if (FCGX_Accept_r(&request) != 0)
		return false;
	r->started = clock_mono();
	timing_start(r->conf);
	r->env = (struct req_env){
	    .id = make_id(r),
	    .address = kept_param(r, "REMOTE_ADDR"),
	    .scheme = param("REQUEST_SCHEME"),
	    .host = param("HTTP_HOST"),
	    .origin = param("HTTP_ORIGIN"),
	    .authorization = param("HTTP_AUTHORIZATION"),
	    .cookie = param("HTTP_COOKIE"),
	    .agent = param("HTTP_USER_AGENT"),
	    .content_type = param("CONTENT_TYPE"),
	    .last_event_id = param("HTTP_LAST_EVENT_ID"),
	    .idempotency_key = param("HTTP_IDEMPOTENCY_KEY"),
	    .if_none_match = param("HTTP_IF_NONE_MATCH"),
	    .tus_resumable = param("HTTP_TUS_RESUMABLE"),
	    .upload_length = param("HTTP_UPLOAD_LENGTH"),
	    .upload_offset = param("HTTP_UPLOAD_OFFSET"),
	    .upload_metadata = param("HTTP_UPLOAD_METADATA"),
	};
	r->method_name = kept_param(r, "REQUEST_METHOD");
	r->method = route_method(strcmp(r->method_name, "HEAD") == 0 ? "GET" : r->method_name);
	uri = arena_strdup(&r->mem, param("REQUEST_URI"));
	n = strcspn(uri, "?");
	r->query = uri[n] == '?' ? uri + n + 1 : "";
	uri[n] = '\0';
	r->path = uri;
	read_content(r);
	return true;
}

static int
put(const char *p, size_t n, void *out)
{
	buf_add(out, p, n);
	return 0;
}

/* Ends the request. The library's own way waits for nginx to close first, up to two seconds and at
 * the price of four system calls; that protects unread input, and there is none once everything was
 * read. */
static void
finish(void)
{
	if (FCGX_GetChar(request.in) != EOF) {
		FCGX_Finish_r(&request);
		return;
	}
	(void)FCGX_FClose(request.out);
	FCGX_Free(&request, 0);
	(void)close(request.ipcFd);
	request.ipcFd = -1;
}

/* The words are for people with curl; HTTP/1.1 wants the space before them. */
static const char *
reason(int status)
{
	switch (status) {
	case 200: return "OK";
	case 201: return "Created";
	case 202: return "Accepted";
	case 204: return "No Content";
	case 303: return "See Other";
	case 304: return "Not Modified";
	default: return status < 500 ? "Refused" : "Failed";
	}
}

/* Writes the status line and the headers for a body of n bytes, or of a length that nobody knows.
 */
static void
put_head(const struct req *r, size_t n)
{
	const char *cache = r->cache == NULL || r->status >= 400 ? "no-store" : r->cache;
	struct buf head;

	buf_init(&head, ANSWER_MAX);
	buf_printf(&head, "Status: %d %s\r\n", r->status, reason(r->status));
	if (*cache != '\0')
		buf_printf(&head, "Cache-Control: %s\r\n", cache);
	if (r->headers.n > 0)
		buf_add(&head, r->headers.p, r->headers.n);
	if (r->flow != NULL)
		buf_printf(&head, "Content-Type: %s\r\n", r->flow->type);
	else if (n > 0)
		buf_printf(&head, "Content-Type: application/%sjson\r\nContent-Length: %zu\r\n",
		    r->status >= 400 ? "problem+" : "", n);
	buf_addstr(&head, "\r\n");
	(void)FCGX_PutStr(head.p, (int)head.n, request.out);
	buf_finish(&head);
}

void
fcgi_reply(struct req *r)
{
	struct str text = r->answer_text;
	struct buf body;

	buf_init(&body, ANSWER_MAX);
	if (r->answer != NULL) {
		(void)json_dump_callback(r->answer, put, &body, JSON_COMPACT | JSON_ENCODE_ANY);
		text = (struct str){body.p, body.n};
	}
	put_head(r, text.n);
	(void)FCGX_PutStr(text.p, (int)text.n, request.out);
	finish();
	buf_finish(&body);
}

/* nginx takes what it can't pass on yet into a file, up to a bound (conf/nginx.conf); beyond it a
 * client that does not read is left. */
void
fcgi_begin(struct req *r)
{
	const struct timeval limit = {.tv_sec = r->conf->worker_stuck / 2};

	(void)setsockopt(request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	put_head(r, 0);
}

bool
fcgi_put(struct str piece)
{
	return FCGX_PutStr(piece.p, (int)piece.n, request.out) == (int)piece.n &&
	       FCGX_FFlush(request.out) == 0;
}

void
fcgi_end(bool whole)
{
	if (whole) {
		/* Once both are closed the library says that the request is done. */
		(void)FCGX_FClose(request.err);
		finish();
		return;
	}
	FCGX_Free(&request, 0);
	(void)close(request.ipcFd);
	request.ipcFd = -1;
}
