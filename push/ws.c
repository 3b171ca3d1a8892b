/* SPDX-License-Identifier: MIT */
/* The sockets, and the only file that knows libwebsockets (4.1.6), a guest in our loop: it accepts,
 * admits, reads and writes. Besides websockets it answers plain requests of nginx and local tools
 * (http.h), and carries Server-Sent Events (sse.h).
 */
#include "ws.h"

#include "admit.h"
#include "client.h"
#include "clock.h"
#include "codes.h"
#include "echo.h"
#include "http.h"
#include "limits.h"
#include "log.h"
#include "parting.h"
#include "silence.h"
#include "socket.h"
#include "sse.h"
#include "stats.h"
#include "tap.h"
#include "turn.h"

#include <assert.h>
#include <ev.h>
#include <libwebsockets.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TX_MAX      262144 /* bytes given to the socket at once; more than any message of the bus */
#define RX_MAX      128    /* bytes read at once, kept per connection; holds any control frame */
#define HEADER_MAX  1024   /* longest header that is looked at */
#define HEADERS_MAX 8192   /* all of a request; those of Server-Sent Events carry their frames */
#define FRAME_MAX   2048   /* one of these frames */
#define ARRIVING    4096   /* handshakes that may be under way */
#define HANDSHAKE   5      /* seconds that a request may take to arrive */
#define LOG_LINES   5      /* of libwebsockets, per second: strangers can cause them */

static struct {
	struct lws_context *context;
	struct ev_loop *loop;
	const struct conf *conf;
	struct hub *hub;
	struct ev_timer tick;
	unsigned count;   /* connections */
	unsigned sockets; /* the same with those that are no connection yet, or no more */
	bool leaving;
	struct pace lines;
} ws;

/* NULL for a connection that has ended or is none yet. */
static struct conn *
conn_of(void *user)
{
	struct conn *c = user;

	assert(c == NULL || c->magic == CONN_MAGIC || c->magic == 0);
	return c == NULL || c->magic == 0 ? NULL : c;
}

static void
on_broken(void *owner, unsigned code)
{
	turn_end(owner, code, code == 1009 ? "message too big" : "protocol error");
}

/* ---- handshake ---- */

/* Copies a header; empty if it is absent or longer than anybody needs. */
static struct str
header(struct lws *wsi, enum lws_token_indexes which, char room[HEADER_MAX])
{
	int n = lws_hdr_copy(wsi, room, HEADER_MAX, which);

	return (struct str){room, n > 0 ? (size_t)n : 0};
}

static int
arrive(int fd)
{
	if (ws.leaving || !socket_has_room(fd))
		return 1;
	/* Each one's timeout is sorted into a list: many at once take all the time there is. */
	if (ws.sockets - ws.count > ARRIVING)
		return 1;
	tap_watch(fd);
	return 0;
}

/* Answers a request that is no websocket of ours and hangs up. */
static int
refuse(struct lws *wsi, unsigned status, const char *why)
{
	(void)lws_return_http_status(wsi, status, why);
	return -1;
}

/* May run after libwebsockets freed the headers (CVE-2025-11677: an Upgrade that it does not know),
 * so nothing is read but through lws_hdr_copy(), which then finds nothing. */
static int
admit(struct lws *wsi)
{
	char a[HEADER_MAX], b[HEADER_MAX];
	struct str upgrade = header(wsi, WSI_TOKEN_UPGRADE, a);

	if (upgrade.n == 0)
		return -1;
	if (strcasecmp(a, "websocket") != 0)
		return refuse(wsi, 426, "Only websockets");
	if (!admit_path(header(wsi, WSI_TOKEN_GET_URI, a)))
		return refuse(wsi, 404, "Not here");
	if (!str_eq(header(wsi, WSI_TOKEN_VERSION, a), STR("13")) ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_KEY) <= 0 ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_HOST) <= 0)
		return refuse(wsi, 400, "Not a websocket handshake");
	/* An Origin too long to be copied is none that we allow. */
	if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) >= HEADER_MAX ||
	    !admit_origin(header(wsi, WSI_TOKEN_ORIGIN, a), header(wsi, WSI_TOKEN_HOST, b),
		ws.conf->cors_origins))
		return refuse(wsi, 403, "This origin may not connect");
	return 0;
}

/* 0, or the code to close a new websocket with. */
static unsigned
examine(struct lws *wsi, const char **why)
{
	char path[HEADER_MAX], query[HEADER_MAX];
	const char *protocol = lws_get_urlarg_by_name(wsi, "protocol=", query, sizeof(query));

	return admit_app(
	    header(wsi, WSI_TOKEN_GET_URI, path), str_of(protocol), ws.conf->app_key, why);
}

/* A new connection of either kind. False: one too many, or at a bad time; it is being closed. */
static bool
begin(struct conn *c, struct lws *wsi, const char *address)
{
	const char *why;

	conn_init(c, ws.conf, wsi);
	ws.count++;
	stats.connections_opened++;
	silence_hear(c);
	conn_set_address(c, address);
	conn_log(c, "opened");
	why = ws.leaving                             ? "The server restarts"
	      : ws.count > ws.conf->push_connections ? "The server is full, try again later"
						     : limits_open(c, clock_mono());
	if (why != NULL)
		turn_end(c, CODE_CROWDED, why);
	return why == NULL;
}

static int
opened(struct lws *wsi, struct conn *c)
{
	char address[HEADER_MAX], protocol[HEADER_MAX];
	const char *why;
	unsigned code;

	(void)header(wsi, WSI_TOKEN_HTTP_X_REAL_IP, address);
	if (!begin(c, wsi, address))
		return 0;
	if (!tap_own(lws_get_socket_fd(wsi), c))
		turn_end(c, 1002, "data before the handshake was done");
	else if (ECHO_BUILT && str_eq(header(wsi, WSI_TOKEN_PROTOCOL, protocol), STR("echo")))
		c->echo = true;
	else if ((code = examine(wsi, &why)) != 0)
		turn_end(c, code, why);
	else
		client_open(c);
	return 0;
}

/* The connection is over for us; libwebsockets may still be busy with its socket. */
static int
closed(struct conn *c)
{
	if (c == NULL)
		return 0;
	tap_disown(lws_get_socket_fd(c->ws));
	parting_leave(ws.hub, c);
	ws.count--;
	return 0;
}

/* ---- plain requests ---- */

static size_t
argument(void *peer, const char *name, char *out, size_t size)
{
	char equals[32];
	const char *value;

	(void)snprintf(equals, sizeof(equals), "%s=", name);
	out[0] = '\0';
	value = lws_get_urlarg_by_name(peer, equals, out, (int)size);
	if (value == NULL)
		return 0;
	memmove(out, value, strlen(value) + 1);
	return strlen(out);
}

/* Answers and hangs up, as soon as all is written. */
static int
answer(struct lws *wsi, struct str path)
{
	struct http_request request = {path, argument, wsi};
	struct buf out;

	buf_init(&out, HTTP_ANSWER_MAX);
	http_answer(ws.hub, &request, clock_mono(), &out);
	(void)lws_write(wsi, (unsigned char *)out.p, out.n, LWS_WRITE_RAW);
	buf_finish(&out);
	return -1;
}

/* The frames that a client of Server-Sent Events would send on a websocket, one in each argument
 * "f", as maru-api has made them (api/realtime.c); each ends with a NUL. */
static void
read_frames(struct lws *wsi, struct buf *frames)
{
	char text[FRAME_MAX];
	int n;

	for (int i = 0;
	     (n = lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i)) > 0;
	     i++) {
		if (n > 2 && memcmp(text, "f=", 2) == 0)
			buf_add(frames, text + 2, (size_t)n - 2 + 1);
	}
}

/* For libwebsockets the request is over, so that it keeps no headers of it; we go on writing. */
static int
stream(struct lws *wsi)
{
	char id[HEADER_MAX], address[HEADER_MAX];
	struct buf frames;
	struct conn *c;
	bool welcome;

	buf_init(&frames, 2 * HEADERS_MAX);
	read_frames(wsi, &frames);
	(void)argument(wsi, "id", id, sizeof(id));
	(void)header(wsi, WSI_TOKEN_HTTP_X_REAL_IP, address);
	if (ws.leaving || lws_http_transaction_completed(wsi) != 0) {
		buf_finish(&frames);
		return -1;
	}
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	c = lws_wsi_user(wsi);
	welcome = begin(c, wsi, address);
	conn_set_id(c, id);
	c->sse = sse_create();
	(void)lws_write(wsi, sse_head, strlen((char *)sse_head), LWS_WRITE_RAW);
	if (welcome) {
		client_open(c);
		client_receive_all(ws.hub, c, (struct str){frames.p, frames.n});
	}
	buf_finish(&frames);
	return 0;
}

static int
request(struct lws *wsi, const struct conn *c)
{
	char path[HEADER_MAX];
	struct str p = header(wsi, WSI_TOKEN_GET_URI, path);

	if (c != NULL)
		return -1; /* a stream that asks on */
	if (p.n == 0)
		return refuse(wsi, 405, "Only GET");
	if (admit_path(p))
		return refuse(wsi, 426, "Only websockets");
	return str_eq(p, STR("/sse")) ? stream(wsi) : answer(wsi, p);
}

/* ---- reading ---- */

static int
pong(struct conn *c)
{
	if (c != NULL && c->closing == 0)
		silence_hear(c);
	return 0;
}

static void
take(struct lws *wsi, struct conn *c, struct str message)
{
	if (c->echo)
		echo_receive(c, message, lws_frame_is_binary(wsi) != 0);
	else
		client_receive(ws.hub, c, message);
}

static int
receive(struct lws *wsi, struct conn *c, const char *in, size_t n)
{
	struct buf whole;

	if (c == NULL || c->closing != 0)
		return 0;
	silence_hear(c);
	if (lws_frame_is_binary(wsi) != 0 && !c->echo) {
		turn_end(c, 1003, "text messages only");
	} else if (c->partial == NULL && lws_is_final_fragment(wsi)) {
		take(wsi, c, (struct str){in, n});
	} else if (conn_collect(c, in, n, lws_is_final_fragment(wsi), &whole)) {
		take(wsi, c, (struct str){whole.p, whole.n});
		buf_finish(&whole);
	}
	return 0;
}

/* ---- writing ---- */

bool
ws_write(struct conn *c, unsigned char *bytes, size_t n)
{
	return lws_write(c->ws, bytes, n, LWS_WRITE_RAW) >= 0;
}

bool
ws_is_full(struct conn *c)
{
	return lws_partial_buffered(c->ws) != 0;
}

void
ws_await(struct conn *c)
{
	lws_callback_on_writable(c->ws);
}

void
ws_finish(struct conn *c, unsigned char *bytes, size_t n)
{
	struct lws *wsi = c->ws;
	bool dead = c->closing == CODE_NO_PONG;
	bool silent = dead || c->closing == CODE_TOO_SLOW || c->sse != NULL;

	(void)closed(c);
	(void)lws_write(wsi, bytes, n, LWS_WRITE_RAW);
	if (!silent && parting_begin(c, wsi))
		return;
	if (dead && lws_partial_buffered(wsi) != 0)
		(void)shutdown(lws_get_socket_fd(wsi), SHUT_RDWR); /* else that is waited for */
	ws_cut(wsi);
}

void
ws_cut(void *wsi)
{
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)w;
	(void)events;
	silence_watch(ws.conf, clock_mono());
	/* Its own timers (handshakes that stall, closes that are not finished) are only looked at
	 * after an event: under libev it arms the first one and loses nearer ones. */
	lws_cancel_service(ws.context);
}

static int
writeable(struct conn *c)
{
	return c == NULL || turn_drain(c) ? 0 : -1;
}

/* ---- libwebsockets ---- */

static int
on_lws(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
	switch (why) {
	case LWS_CALLBACK_WSI_CREATE: ws.sockets++; return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		ws.sockets--;
		parting_end(user);
		return 0;
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION: return arrive((int)(intptr_t)in);
	case LWS_CALLBACK_HTTP: return request(wsi, conn_of(user));
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return admit(wsi);
	case LWS_CALLBACK_ESTABLISHED: return opened(wsi, user);
	case LWS_CALLBACK_RECEIVE: return receive(wsi, conn_of(user), in, n);
	case LWS_CALLBACK_RECEIVE_PONG: return pong(conn_of(user));
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_SERVER_WRITEABLE: return writeable(conn_of(user));
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_CLOSED: return closed(conn_of(user));
	case LWS_CALLBACK_RAW_ADOPT: /* the CONNECT method gets that far */
	case LWS_CALLBACK_RAW_RX: return -1;
	default: return 0;
	}
}

static void
on_log(int level, const char *line)
{
	if (pace_allow(&ws.lines, LOG_LINES, clock_mono()))
		log_write(level == LLL_ERR ? LOG_WARN : LOG_INFO, "libwebsockets: %.*s",
		    (int)strcspn(line, "\n"), line);
}

static const struct lws_protocols protocols[] = {
    {"pusher", on_lws, sizeof(struct conn), RX_MAX, 0, NULL, TX_MAX},
#if ECHO_BUILT
    {"echo", on_lws, sizeof(struct conn), RX_MAX, 0, NULL, TX_MAX},
#endif
    {.name = NULL},
};

static const lws_retry_bo_t no_timers; /* no validity timers: on_tick() does that */

static struct lws_context *
create_context(struct ev_loop *loop)
{
	void *loops[] = {loop};
	struct lws_context_creation_info info = {
	    .iface = ws.conf->push_socket,
	    .port = 0,
	    .protocols = protocols,
	    .options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_LIBEV |
		       LWS_SERVER_OPTION_VALIDATE_UTF8 |
		       LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
	    .foreign_loops = loops,
	    .timeout_secs_ah_idle = HANDSHAKE,
	    .timeout_secs = HANDSHAKE,
	    .retry_and_idle_policy = &no_timers,
	    .server_string = "maru",
	    .max_http_header_data = HEADERS_MAX,
	};
	struct lws_context *context;
	mode_t old = umask(0117); /* the socket gets 0660 */

	/* "Leave them as they are": int in libwebsockets 4.1, unsigned in 4.3. */
	info.gid = (__typeof__(info.gid))-1;
	info.uid = (__typeof__(info.uid))-1;
	context = lws_create_context(&info);
	(void)umask(old);
	return context;
}

bool
ws_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub)
{
	size_t files = socket_files((size_t)conf->push_connections);

	ws.conf = conf;
	ws.loop = loop;
	ws.hub = hub;
	if (!socket_is_free(conf->push_socket))
		return false;
	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	silence_start();
	tap_start(files, (uint64_t)conf->push_frame_max, on_broken);
	turn_start(loop);
	ev_timer_init(&ws.tick, on_tick, 0.5, 0.5);
	ev_timer_start(loop, &ws.tick);
	if ((ws.context = create_context(loop)) == NULL || access(conf->push_socket, F_OK) != 0) {
		log_error("push_socket %s: can't listen there", conf->push_socket);
		return false;
	}
	return socket_give(conf->push_socket, conf->socket_group);
}

void
ws_leave(void)
{
	ws.leaving = true;
	for (struct conn *c; (c = silence_any()) != NULL;)
		turn_end(c, CODE_CROWDED, "The server restarts");
}

void
ws_stop(void)
{
	if (ws.conf == NULL)
		return;
	if (ws.context != NULL)
		lws_context_destroy(ws.context);
	ws.context = NULL;
	turn_stop();
	ev_timer_stop(ws.loop, &ws.tick);
	tap_stop();
	silence_stop();
	ws.conf = NULL;
}
