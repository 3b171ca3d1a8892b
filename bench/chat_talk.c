/* SPDX-License-Identifier: MIT */
#include "chat_talk.h"

#include "chat_book.h"
#include "chat_http.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- texts ------------------------------------------------------------------------- */

/* What follows the first `mark` in a text; {NULL, 0} if it is not there. */
static struct str
after(struct str text, struct str mark)
{
	const char *at = memmem(text.p, text.n, mark.p, mark.n);

	if (at == NULL)
		return (struct str){NULL, 0};
	at += mark.n;
	return (struct str){at, text.n - (size_t)(at - text.p)};
}

static uint64_t
read_number(struct str text)
{
	uint64_t n = 0;

	for (; text.n > 0 && *text.p >= '0' && *text.p <= '9'; text.p++, text.n--)
		n = n * 10 + (unsigned)(*text.p - '0');
	return n;
}

/* The server is not content with somebody: no reason to go on if that is how it begins. */
static void
refused(const struct person *p, struct str text)
{
	(void)fprintf(
	    stderr, "bench: connection %u: %.*s\n", person_number(p), (int)text.n, text.p);
	if (!p->ready)
		die("connecting", "the server refused");
}

static unsigned
room_of(const struct person *p)
{
	return ROOM_FIRST + person_room(p);
}

/* ---- messages ---------------------------------------------------------------------- */

/* A body begins with "~m", three digits of this run, seven of the message, and "~". No other text
 * that is sent here has a '~'. */
#define MARK_LENGTH 13
#define MARK_RUN    10000000u

static uint64_t
run(void)
{
	static uint64_t number;

	if (number == 0)
		number = load_now() % 999 + 1;
	return number;
}

/* The members "client_id" and "body" of a message's JSON. */
static void
add_message(struct buf *out, uint64_t number)
{
	char id[ID_LENGTH];

	if (number >= MARK_RUN)
		die("messages", "too many for their mark");
	load_client_id(book_sender(number)->user, id);
	buf_printf(out, "\"client_id\":\"%.*s\",\"body\":\"~m%03" PRIu64 "%07" PRIu64 "~%s\"",
	    ID_LENGTH, id, run(), number, load_body() + MARK_LENGTH);
}

/* Takes a message out of an event. What an earlier run left behind is passed over. */
static void
arrival(struct person *p, struct str event, struct str order)
{
	struct str from = after(event, order);
	const char *at = from.n == 0 ? NULL : memchr(from.p, '~', from.n);
	uint64_t mark;

	if (at == NULL || from.n - (size_t)(at - from.p) < MARK_LENGTH || at[1] != 'm')
		return;
	mark = read_number((struct str){at + 2, MARK_LENGTH - 3});
	if (mark / MARK_RUN == run())
		book_arrival(p, mark % MARK_RUN, read_number(from));
}

static void
write_message(uint64_t number, struct http_post *post)
{
	const struct person *p = book_sender(number);

	(void)snprintf(post->path, sizeof(post->path), "%s/rooms/%u/messages", people.talk->prefix,
	    room_of(p));
	post->token = p->user->token;
	buf_addch(&post->body, '{');
	add_message(&post->body, number);
	buf_addch(&post->body, '}');
}

static void
posted(uint64_t number, unsigned status, struct str answer)
{
	enum book_answer kind = BOOK_REFUSED;

	if (status == 0)
		kind = BOOK_UNANSWERED;
	else if (status == 201)
		kind = BOOK_ACKED;
	book_answer(number, kind, answer);
}

static void
say_by_post(uint64_t number)
{
	static const struct http_kind message = {write_message, posted};

	http_post(&message, number);
}

/* ---- maru -------------------------------------------------------------------------- */

static void
write_auth(uint64_t number, struct http_post *post)
{
	const struct person *p = &people.all[number];

	(void)snprintf(post->path, sizeof(post->path), "/v1/realtime/auth");
	post->token = p->user->token;
	buf_printf(&post->body, "{\"socket_id\":\"%s\",\"channel_name\":\"presence-room-%u\"}",
	    p->id, room_of(p));
}

/* The answer is the very object that the subscription has to contain. */
static void
subscribe(uint64_t number, unsigned status, struct str answer)
{
	struct person *p = &people.all[number];
	struct buf frame;

	if (status != 200 || answer.n < 2)
		refused(p, answer);
	buf_init(&frame, 4096);
	buf_printf(&frame,
	    "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":"
	    "\"presence-room-%u\",",
	    room_of(p));
	buf_add(&frame, answer.p + 1, answer.n - 1);
	buf_addch(&frame, '}');
	websocket_send(&p->ws, (struct str){frame.p, frame.n});
	buf_finish(&frame);
}

static void
maru_established(struct person *p, struct str text)
{
	static const struct http_kind auth = {write_auth, subscribe};
	struct str id = after(text, STR("socket_id\\\":\\\""));
	const char *end = id.n == 0 ? NULL : memchr(id.p, '\\', id.n);

	if (end == NULL || (size_t)(end - id.p) >= sizeof(p->id)) {
		refused(p, text);
		return;
	}
	memcpy(p->id, id.p, (size_t)(end - id.p));
	http_post(&auth, person_number(p));
}

static void
maru_hear(struct person *p, struct str text)
{
	struct str event = after(text, STR("{\"event\":\""));

	if (str_starts(event, STR("message.created\"")))
		arrival(p, text, STR("\\\"seq\\\":"));
	else if (str_starts(event, STR("pusher:ping\"")))
		websocket_send(&p->ws, STR("{\"event\":\"pusher:pong\",\"data\":{}}"));
	else if (str_starts(event, STR("pusher:connection_established\"")))
		maru_established(p, text);
	else if (str_starts(event, STR("pusher_internal:subscription_succeeded\"")))
		people_ready(p);
	else if (str_starts(event, STR("pusher:error\"")) ||
		 str_starts(event, STR("pusher:subscription_error\"")))
		refused(p, text);
}

/* ---- socket.io --------------------------------------------------------------------- */

/* Digits at the beginning of a text are kinds of packets: of engine.io (0 open, 2 ping, 3 pong, 4
 * message), then of socket.io (0 connect, 2 event, 3 ack, 4 refusal), then the number that an event
 * and its ack have in common: 0 is that of "join", and n + 1 of message n. */
static void
say_hello(struct person *p)
{
	char text[TOKEN_SIZE + 32];
	int n = snprintf(text, sizeof(text), "40{\"token\":\"%s\"}", p->user->token);

	websocket_send(&p->ws, (struct str){text, (size_t)n});
}

static void
join(struct person *p)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "420[\"join\",%u]", room_of(p));

	websocket_send(&p->ws, (struct str){text, (size_t)n});
}

static void
acknowledged(struct person *p, struct str text)
{
	uint64_t number = read_number(text);

	if (number > 0)
		book_answer(number - 1,
		    after(text, STR("\"id\":")).n > 0 ? BOOK_ACKED : BOOK_REFUSED, text);
	else if (after(text, STR("\"ok\":true")).n > 0)
		people_ready(p);
	else
		refused(p, text);
}

static void
node_hear(struct person *p, struct str text)
{
	if (str_starts(text, STR("42[\"message\",")))
		arrival(p, text, STR("\"id\":"));
	else if (str_starts(text, STR("43")))
		acknowledged(p, (struct str){text.p + 2, text.n - 2});
	else if (str_starts(text, STR("2")))
		websocket_send(&p->ws, STR("3"));
	else if (str_starts(text, STR("0{")))
		say_hello(p);
	else if (str_starts(text, STR("40{")))
		join(p);
	else
		refused(p, text);
}

static void
say_by_socket(uint64_t number)
{
	struct person *p = book_sender(number);
	struct buf text;

	buf_init(&text, 1024);
	buf_printf(&text, "42%" PRIu64 "[\"send\",{\"room\":%u,", number + 1, room_of(p));
	add_message(&text, number);
	buf_addstr(&text, "}]");
	websocket_send(&p->ws, (struct str){text.p, text.n});
	buf_finish(&text);
}

/* ---- all of them ------------------------------------------------------------------- */

static void
maru_path(char *out, size_t size, const char *key)
{
	(void)snprintf(out, size, "/app/%s?protocol=7&client=bench", key);
}

static void
node_path(char *out, size_t size, const char *key)
{
	(void)key;
	(void)snprintf(out, size, "/socket.io/?EIO=4&transport=websocket");
}

const struct talk *
talk_find(const char *name)
{
	static const struct talk talks[] = {
	    {"maru", "/v1", maru_path, maru_hear, say_by_post},
	    {"node", "", node_path, node_hear, say_by_post},
	    {"socket", "", node_path, node_hear, say_by_socket},
	};

	for (size_t i = 0; i < sizeof(talks) / sizeof(*talks); i++) {
		if (strcmp(talks[i].name, name) == 0)
			return &talks[i];
	}
	return NULL;
}
