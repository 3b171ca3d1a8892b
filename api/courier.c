/* SPDX-License-Identifier: MIT */
#include "courier.h"

#include "db.h"
#include "shared/clock.h"
#include "shared/log.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void
on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

const volatile sig_atomic_t *
courier_stop(void)
{
	return &stopping;
}

void
courier_leave(struct courier *c)
{
	atomic_store(&c->slot->busy_since, 0);
}

void
courier_return(struct courier *c)
{
	atomic_store(&c->slot->busy_since, clock_mono());
}

/* Sleeps, if nobody says stop. */
static void
nap(int ms)
{
	for (int64_t end = clock_mono() + ms; !stopping && clock_mono() < end;)
		(void)usleep((useconds_t)(ms < COURIER_IDLE_MS ? ms : COURIER_IDLE_MS) * 1000);
}

static void
set_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};

	(void)sigaction(SIGTERM, &stop, NULL);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

int
courier_run(const struct conf *conf, struct worker_slot *slot, const struct errand *errand)
{
	static struct courier c;

	set_signals();
	c = (struct courier){.r = {.conf = conf, .db = db_create(conf)}, .slot = slot};
	c.remote = remote_create();
	arena_init(&c.r.mem);
	log_info("%s", errand->says);
	while (!stopping) {
		int wait;

		atomic_store(&slot->busy_since, clock_mono());
		wait = errand->step(&c);
		atomic_store(&slot->busy_since, 0);
		arena_reset(&c.r.mem);
		nap(wait);
	}
	arena_finish(&c.r.mem);
	remote_destroy(c.remote);
	db_destroy(c.r.db);
	return 0;
}
