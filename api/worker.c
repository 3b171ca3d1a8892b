/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include "db.h"
#include "fcgi.h"
#include "notify.h"
#include "serve.h"
#include "shared/clock.h"
#include "shared/log.h"

#include <signal.h>
#include <stdbool.h>

static volatile sig_atomic_t stopping;

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
	fcgi_stop();
}

static void
set_signals(void)
{
	/* Without SA_RESTART, so that a waiting accept() returns. */
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &stop, NULL);
	/* Ctrl-C reaches the whole group; the parent decides when workers stop. */
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

/* Empties the request for the next one; its memory is kept. */
static void
renew(struct req *r)
{
	struct req next = {.conf = r->conf,
	    .db = r->db,
	    .notify = r->notify,
	    .headers = r->headers,
	    .busy_since = r->busy_since};

	arena_reset(&r->mem);
	next.mem = r->mem;
	buf_clear(&next.headers);
	*r = next;
}

int
worker_run(const struct conf *conf, int listener, struct worker_slot *slot)
{
	struct req r = {.conf = conf,
	    .db = db_create(conf),
	    .notify = notify_create(conf),
	    .busy_since = &slot->busy_since};
	bool ok;

	set_signals();
	arena_init(&r.mem);
	buf_init(&r.headers, 8192);
	ok = fcgi_start(listener);
	if (!ok)
		log_error("can't take requests from the FastCGI socket");
	for (int64_t n = 0; ok && !stopping; n++) {
		if (conf->worker_requests != 0 && n >= conf->worker_requests)
			break;
		if (!fcgi_next(&r))
			break;
		atomic_store(&slot->busy_since, r.started);
		serve(&r);
		atomic_store(&slot->busy_since, 0);
		renew(&r);
	}
	buf_finish(&r.headers);
	arena_finish(&r.mem);
	notify_destroy(r.notify);
	db_destroy(r.db);
	return ok ? 0 : 1;
}
