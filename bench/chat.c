/* SPDX-License-Identifier: MIT */
/* People who talk in rooms: everybody has a websocket, and in turn they send messages, at fixed
 * times, or as soon as the one before is acknowledged, or in bursts. Prints as JSON how long it
 * took until the sender and the others had them, and what was lost, came twice or in the wrong
 * order.
 *
 *   build/bench/chat -s maru -p PORT -r 2 -k 5 -R 50 -w 1 -t 5 -u users.txt
 *
 *   -s DIALECT     see chat_talk.h
 *   -p PORT        of HTTP
 *   -q PORT        of websockets (that of HTTP)
 *   -K KEY         of the application (maru)
 *   -r, -k NUMBER  rooms, and people in each
 *   -R RATE        messages per second in all, come what may; 0: as fast as they are acknowledged
 *   -i NUMBER      HTTP connections; with -R 0 also the messages that are on their way at a time
 * (64) -b NUMBER      instead: so many messages at once by one member of one room, again when all
 * have all -w, -t SECONDS warm-up, and the window that counts -a 0           a new connection for
 * each request -u FILE        a line "user session token" for each of the people -c NAME=SID tells
 * the CPU time of the processes of a session
 */
#include "chat_book.h"
#include "chat_http.h"
#include "chat_talk.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STRAGGLERS \
	10000000u /* microseconds that messages are waited for, in the end or in a burst */
#define BURST_PAUSE 200000u
#define GRACE       200000u /* after all have come, for what comes twice */

struct options {
	const struct talk *talk;
	const char *key, *users;
	unsigned http_port, ws_port, inflight, burst;
	double rate;
	bool keep;
};

static struct options options = {.key = "maru", .inflight = 64, .keep = true};

static struct {
	uint64_t begun;    /* when the one that is under way began; 0: none is */
	uint64_t next;     /* when the next one may begin */
	uint64_t left;     /* messages of earlier ones that did not settle */
	uint64_t messages; /* of those that count: messages */
	uint64_t time;     /* and microseconds */
} burst;

static uint64_t start; /* of sending */
static atomic_bool aside_done;

/* ---- when messages are sent -------------------------------------------------------- */

static void
say(const struct person *p, uint64_t due)
{
	options.talk->say(book_add(p, due));
}

/* Evenly spaced, whatever the server does. */
static uint64_t
pace_rate(uint64_t now)
{
	for (;;) {
		uint64_t due = start + (uint64_t)((double)book.sent * 1e6 / options.rate);

		if (due > now || due >= book.to)
			return due;
		say(people_next(), due);
	}
}

/* A new message for each that was answered. */
static uint64_t
pace_answers(uint64_t now)
{
	while (book.answers[BOOK_NONE] < options.inflight)
		say(people_next(), now);
	return UINT64_MAX;
}

static void
burst_over(uint64_t end)
{
	if (burst.begun >= book.from && burst.begun < book.to) {
		burst.messages += options.burst;
		burst.time += end - burst.begun;
	}
	burst.begun = 0;
	burst.left = book.unsettled;
}

static uint64_t
pace_bursts(uint64_t now)
{
	const struct person *p;

	if (burst.begun > 0) {
		bool settled = book.unsettled <= burst.left;

		if (!settled && now < burst.begun + STRAGGLERS)
			return burst.begun + STRAGGLERS;
		burst_over(settled ? book.settled_at : now);
		burst.next = now + BURST_PAUSE;
	}
	if (now < burst.next)
		return burst.next;
	burst.begun = now;
	p = people_next();
	for (unsigned i = 0; i < options.burst; i++)
		say(p, now);
	return burst.begun + STRAGGLERS;
}

/* Sends what is due; returns when something will be due again. */
static uint64_t
pace(uint64_t now)
{
	if (options.burst > 0)
		return pace_bursts(now);
	return options.rate > 0 ? pace_rate(now) : pace_answers(now);
}

/* ---- the run ----------------------------------------------------------------------- */

static void
serve_until(uint64_t time)
{
	uint64_t now = load_now();

	net_serve(time > now ? time - now : 0);
}

static void
run_until(uint64_t end)
{
	uint64_t now;

	while ((now = load_now()) < end) {
		uint64_t next = pace(now);

		serve_until(next < end ? next : end);
	}
}

static void *
begin(void *load)
{
	load_begin(load);
	aside_done = true;
	return NULL;
}

static void *
end(void *load)
{
	load_end(load);
	aside_done = true;
	return NULL;
}

/* Reads CPU times while everything goes on: it takes milliseconds, for which messages would have to
 * wait. */
static void
run_aside(void *(*work)(void *), struct load *load)
{
	pthread_t thread;

	aside_done = false;
	if (pthread_create(&thread, NULL, work, load) != 0)
		die("thread", "not created");
	do
		run_until(load_now() + 1000);
	while (!aside_done);
	(void)pthread_join(thread, NULL);
}

/* Nothing is sent any more; what is on its way may arrive. */
static void
run_out(void)
{
	uint64_t end = load_now() + STRAGGLERS;

	while (book.unsettled > 0 && load_now() < end)
		serve_until(end);
	if (burst.begun > 0)
		burst_over(book.unsettled <= burst.left ? book.settled_at : load_now());
	for (end = load_now() + GRACE; load_now() < end;)
		serve_until(end);
}

/* ---- report ------------------------------------------------------------------------ */

static double
seconds_of(uint64_t us)
{
	return (double)us / 1e6;
}

static void
report_times(void)
{
	static const char *const names[] = {"ack", "echo", "first", "last"};

	for (unsigned i = 0; i < BOOK_TIMES; i++) {
		const struct hist *h = &book.times[i];

		(void)printf("%s\"%s\":{\"n\":%" PRIu64 ",\"p50\":%" PRIu64 ",\"p95\":%" PRIu64
			     ",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64 ",\"max\":%" PRIu64 "}",
		    i == 0 ? ",\"p\":{" : ",", names[i], h->n, hist_quantile(h, 0.5),
		    hist_quantile(h, 0.95), hist_quantile(h, 0.99), hist_quantile(h, 0.999),
		    h->max);
	}
	(void)printf("}");
}

static double
rate(void)
{
	if (options.burst == 0)
		return (double)book.acked_inside / seconds_of(book.to - book.from);
	return burst.time == 0 ? 0 : (double)burst.messages / seconds_of(burst.time);
}

/* Goes on where load_end() stopped. */
static void
report(double connect_seconds, struct net_bytes bytes)
{
	(void)printf(",\"connections\":%u,\"connect_seconds\":%.3f,\"closed\":%u,\"seconds\":%.3f",
	    people.ready, connect_seconds, people.closed, seconds_of(book.to - book.from));
	(void)printf(",\"sent\":%" PRIu64 ",\"acked\":%" PRIu64 ",\"refused\":%" PRIu64
		     ",\"unanswered\":%" PRIu64 ",\"rate\":%.1f",
	    book.sent, book.answers[BOOK_ACKED], book.answers[BOOK_REFUSED],
	    book.answers[BOOK_UNANSWERED] + book.answers[BOOK_NONE], rate());
	report_times();
	(void)printf(",\"deliveries\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"duplicated\":%" PRIu64
		     ",\"disordered\":%" PRIu64 ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
		     "}\n",
	    book.deliveries, book_lost(), book.duplicated, book.disordered, bytes.in, bytes.out);
}

/* ---- main -------------------------------------------------------------------------- */

static unsigned
number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

static void
set_option(struct load *load, int c, char *value)
{
	switch (c) {
	case 's': options.talk = talk_find(value); break;
	case 'p': options.http_port = number(value); break;
	case 'q': options.ws_port = number(value); break;
	case 'K': options.key = value; break;
	case 'r': people.rooms = number(value); break;
	case 'k': people.size = number(value); break;
	case 'R': options.rate = strtod(value, NULL); break;
	case 'i': options.inflight = number(value); break;
	case 'b': options.burst = number(value); break;
	case 'w': load->warmup = strtod(value, NULL); break;
	case 't': load->seconds = strtod(value, NULL); break;
	case 'a': options.keep = number(value) != 0; break;
	case 'u': options.users = value; break;
	case 'c': load_watch(load, value); break;
	default: exit(2);
	}
}

static void
read_options(struct load *load, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:p:q:K:r:k:R:i:b:w:t:a:u:c:")) != -1)
		set_option(load, c, optarg);
	if (options.talk == NULL || options.http_port == 0 || options.users == NULL ||
	    people.rooms == 0 || people.size == 0 || options.inflight == 0 || optind != argc)
		die(argv[0],
		    "-s maru|node|socket -p port -r rooms -k size -u users.txt are required");
	if (options.ws_port == 0)
		options.ws_port = options.http_port;
}

int
main(int argc, char **argv)
{
	static struct load load = {.warmup = 1, .seconds = 5};
	struct net_bytes before, bytes;
	double connect_seconds;

	read_options(&load, argc, argv);
	net_start();
	book_start();
	http_start(options.http_port, options.inflight, options.keep);
	start = load_now();
	people_open(options.talk, options.ws_port, options.key, options.users);
	connect_seconds = seconds_of(load_now() - start);
	start = load_now();
	run_until(start + (uint64_t)(load.warmup * 1e6));
	run_aside(begin, &load);
	before = net_bytes();
	book.from = load_now();
	book.to = book.from + (uint64_t)(load.seconds * 1e6);
	run_until(book.to);
	bytes = net_bytes();
	run_aside(end, &load);
	run_out();
	report(connect_seconds, (struct net_bytes){bytes.in - before.in, bytes.out - before.out});
	return 0;
}
