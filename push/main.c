/* SPDX-License-Identifier: MIT */
/* maru-push: holds every websocket, knows no truth, may be killed at any moment.
 *
 * This file reads options and configuration, starts the parts in the order in which they need each
 * other, runs the loop, and stops them in reverse. It must stay free of what they do.
 */
#include "bus.h"
#include "conf.h"
#include "crypt.h"
#include "follow.h"
#include "hooks.h"
#include "hub.h"
#include "later.h"
#include "log.h"
#include "store.h"
#include "turn.h"
#include "ws.h"

#include <ev.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#define DEFAULT_CONF "/etc/maru/maru.conf"
#define FAREWELL     0.2 /* seconds that good-byes get after SIGTERM, as often as they need */

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	const char *conf;
	bool check;
};

static struct {
	struct ev_signal term, intr;
	struct ev_timer farewell;
} daemon_watchers;

static void
print_help(FILE *out)
{
	(void)fprintf(out,
	    "maru-push [options]\n\n"
	    "  -c, --config FILE  settings (%s)\n"
	    "      --check        checks them and exits\n"
	    "      --version      prints the version\n"
	    "      --help         prints this\n",
	    DEFAULT_CONF);
}

/* -1: go on; else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check", no_argument, NULL, 'k'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){.conf = DEFAULT_CONF};
	while ((c = getopt_long(argc, argv, "c:", known, NULL)) != -1) {
		switch (c) {
		case 'c': o->conf = optarg; break;
		case 'k': o->check = true; break;
		case 'v': (void)puts("maru-push " MARU_VERSION); return EXIT_OK;
		case 'h': print_help(stdout); return EXIT_OK;
		default: print_help(stderr); return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	print_help(stderr);
	return EXIT_USAGE;
}

static bool
load(struct conf *conf, const char *path)
{
	struct buf errors;
	bool ok;

	conf_init(conf);
	buf_init(&errors, 65536);
	ok = conf_load(conf, path, &errors);
	if (errors.n > 0)
		(void)fputs(errors.p, stderr);
	buf_finish(&errors);
	return ok;
}

static void
on_farewell(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)w;
	(void)events;
	if (turn_is_done())
		ev_break(loop, EVBREAK_ALL);
}

/* The first signal closes politely, the second at once. */
static void
on_signal(struct ev_loop *loop, struct ev_signal *w, int events)
{
	(void)events;
	if (ev_is_active(&daemon_watchers.farewell)) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	log_info("stopping on signal %d", w->signum);
	bus_stop();
	ws_leave();
	store_leave();
	ev_timer_start(loop, &daemon_watchers.farewell);
}

static void
watch_signals(struct ev_loop *loop)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	ev_signal_init(&daemon_watchers.term, on_signal, SIGTERM);
	ev_signal_init(&daemon_watchers.intr, on_signal, SIGINT);
	ev_timer_init(&daemon_watchers.farewell, on_farewell, FAREWELL, FAREWELL);
	ev_signal_start(loop, &daemon_watchers.term);
	ev_signal_start(loop, &daemon_watchers.intr);
}

static bool
run(const struct conf *conf, struct ev_loop *loop, struct hub *hub)
{
	if (!store_start(conf) || !ws_start(conf, loop, hub) || !bus_start(conf, loop, hub))
		return false;
	follow_start(conf, loop, hub);
	log_info("ready: websockets on %s, bus on %s, at most %" PRId64 " connections",
	    conf->push_socket, conf->bus_socket, conf->push_connections);
	(void)ev_run(loop, 0);
	return true;
}

static bool
serve(const struct conf *conf)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV);
	struct hub hub;
	bool ok;

	if (loop == NULL || !crypt_init()) {
		log_error("no event loop, or no source of randomness");
		return false;
	}
	hub_init(&hub, conf);
	watch_signals(loop);
	later_start(conf, loop);
	hooks_start(conf);
	ok = run(conf, loop, &hub);
	store_stop();
	bus_stop();
	ws_stop();
	hooks_stop();
	later_stop(); /* nobody lingers any more */
	follow_stop();
	hub_finish(&hub);
	ev_loop_destroy(loop);
	if (ok)
		log_info("stopped");
	return ok;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct conf conf;
	int status = read_options(argc, argv, &options);

	if (status >= 0)
		return status;
	if (!load(&conf, options.conf)) {
		status = EXIT_FAILED;
	} else if (options.check) {
		(void)printf("%s: ok\n", options.conf);
		status = EXIT_OK;
	} else {
		log_open("maru-push", log_level(conf.log_level));
		status = serve(&conf) ? EXIT_OK : EXIT_FAILED;
	}
	conf_finish(&conf);
	return status;
}
