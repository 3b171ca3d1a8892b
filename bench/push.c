/* SPDX-License-Identifier: MIT */
/* The other end of maru-push, of bench/reference.c or of a rival: many clients and one publisher,
 * ordered about by lines on standard input. Each line is answered by one line of JSON.
 *
 *   build/bench/push DIALECT SERVER KEY PID ...
 *
 * DIALECT, SERVER, KEY: see bench/dialect.h; PID: of the server, and of what is counted with it.
 *
 *   open CHANNEL COUNT           opens connections that subscribe to it
 *   burst CHANNEL SECONDS SIZE   publishes SIZE messages, and the next when all have all of them
 *   pace CHANNEL SECONDS RATE    publishes RATE messages per second, come what may; takes times
 *   stop CHANNEL COUNT           so many never read again
 *   gone CHANNEL                 waits until the server has given those up
 */
#include "crowd.h"
#include "dialect.h"
#include "load.h"

#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static char **servers; /* their numbers, up to NULL */

struct order {
	struct group *group;
	double a, b;
};

/* Nanoseconds of processor that all threads of a process have used. A thread that ends takes its
 * share away with it, but none does. */
static uint64_t
cpu_of(const char *pid)
{
	char pattern[64];
	uint64_t sum = 0, ns;
	glob_t threads;
	FILE *f;

	(void)snprintf(pattern, sizeof(pattern), "/proc/%s/task/*/schedstat", pid);
	if (glob(pattern, 0, NULL, &threads) != 0)
		die(pattern, "can't be read");
	for (size_t i = 0; i < threads.gl_pathc; i++) {
		if ((f = fopen(threads.gl_pathv[i], "r")) == NULL ||
		    fscanf(f, "%" SCNu64, &ns) != 1)
			die(threads.gl_pathv[i], "can't be read");
		(void)fclose(f);
		sum += ns;
	}
	globfree(&threads);
	return sum;
}

static uint64_t
server_cpu(void)
{
	uint64_t sum = 0;

	/* The count is put right when a thread leaves the processor; the last message may be here
	 * before that. */
	while (crowd_serve(20))
		;
	for (char **pid = servers; *pid != NULL; pid++)
		sum += cpu_of(*pid);
	return sum;
}

/* ---- orders ------------------------------------------------------------------------ */

static void
on_open(const struct order *o)
{
	uint64_t start = load_now();

	crowd_open(o->group, (unsigned)o->a);
	(void)printf("{\"seconds\":%.3f}\n", (double)(load_now() - start) / 1e6);
}

static void
on_burst(const struct order *o)
{
	struct group *g = o->group;
	uint64_t end = load_now() + (uint64_t)(o->a * 1e6), cpu = server_cpu(), first = g->got;

	do {
		uint64_t goal = g->got + (uint64_t)o->b * g->ready;

		dialect_publish(g, (unsigned)o->b);
		crowd_await(g, goal);
	} while (load_now() < end);
	cpu = server_cpu() - cpu;
	(void)printf("{\"deliveries\":%" PRIu64 ",\"us\":%.4f}\n", g->got - first,
	    (double)cpu / 1e3 / (double)(g->got - first));
}

/* Serves until a time. */
static void
serve_until(uint64_t when)
{
	uint64_t now;

	while ((now = load_now()) < when)
		(void)crowd_serve((int)((when - now + 999) / 1000));
}

static void
on_pace(const struct order *o)
{
	struct group *g = o->group;
	uint64_t start = load_now(), goal = g->got, count = (uint64_t)(o->a * o->b);

	memset(&g->times, 0, sizeof(g->times));
	g->timed = true;
	for (uint64_t i = 0; i < count; i++) {
		serve_until(start + (uint64_t)((double)i / o->b * 1e6));
		dialect_publish(g, 1);
		goal += g->ready;
	}
	crowd_await(g, goal);
	g->timed = false;
	(void)printf("{\"p50\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"n\":%" PRIu64
		     ",\"stopped\":%u}\n",
	    hist_quantile(&g->times, 0.5), hist_quantile(&g->times, 0.99), g->times.max, g->times.n,
	    g->stopped);
}

static void
on_stop(const struct order *o)
{
	crowd_stop(o->group, (unsigned)o->a);
	(void)printf("{}\n");
}

/* Without messages only silence tells the server; so there are some. */
static void
on_gone(const struct order *o)
{
	struct group *g = o->group;
	uint64_t start = load_now(), goal = g->got;

	while (g->stopped > 0) {
		dialect_publish(g, 1);
		goal += g->ready;
		serve_until(load_now() + 20000);
		if (load_now() - start > 120 * 1000000)
			die(g->channel, "who does not read is never given up");
	}
	crowd_await(g, goal);
	(void)printf("{\"seconds\":%.3f}\n", (double)(g->last_gone - g->stopped_at) / 1e6);
}

static const struct {
	const char *name;
	void (*obey)(const struct order *);
} orders[] = {
    {"open", on_open},
    {"burst", on_burst},
    {"pace", on_pace},
    {"stop", on_stop},
    {"gone", on_gone},
};

static void
obey(const char *line)
{
	char name[16], channel[CROWD_CHANNEL];
	struct order o = {0};

	if (sscanf(line, "%15s %31s %lf %lf", name, channel, &o.a, &o.b) < 2)
		die("not an order", line);
	o.group = crowd_group(channel);
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		if (strcmp(orders[i].name, name) == 0) {
			orders[i].obey(&o);
			(void)fflush(stdout);
			return;
		}
	}
	die("not an order", line);
}

int
main(int argc, char **argv)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	char line[128];

	if (argc < 5)
		die("usage", "push DIALECT SERVER KEY PID ...");
	servers = argv + 4;
	dialect_start(argv[1], argv[2], argv[3]);
	for (;;) {
		/* Between orders pings are answered. */
		while (poll(&in, 1, 100) == 0) {
			while (crowd_serve(0))
				;
		}
		if (fgets(line, sizeof(line), stdin) == NULL)
			return 0;
		obey(line);
	}
}
