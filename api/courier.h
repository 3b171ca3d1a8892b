/* SPDX-License-Identifier: MIT */
/* The processes that carry what lies in a table to other servers. No worker does that: it would
 * keep somebody waiting.
 *
 * A courier takes one step after the other: some rows, one request, and the rows are deleted when
 * it was answered. So a crash loses nothing and may make the same request twice. There is one
 * process per errand, so that a server that does not answer holds up only its own.
 */
#ifndef MARU_COURIER_H
#define MARU_COURIER_H

#include "remote.h"
#include "req.h"
#include "worker.h"

#define COURIER_IDLE_MS 200 /* between two looks into an empty table */

struct courier {
	struct req
	    r; /* memory, settings, database: like the feeder it has them without a request */
	struct remote *remote;
	struct worker_slot *slot;
};

struct errand {
	const char *says; /* for the log */
	/* Takes one step; returns the milliseconds until the next one. */
	int (*step)(struct courier *c);
};

extern const struct errand errand_hooks;    /* hookpost.c */
extern const struct errand errand_webhooks; /* webhookpost.c */
extern const struct errand errand_previews; /* previewfetch.c */
extern const struct errand errand_mail;     /* mailer.c */
extern const struct errand errand_usher;    /* usher.c */
extern const struct errand errand_index;    /* indexer.c; nothing leaves this host with it */

/* Works until SIGTERM; the result is the exit status. The slot tells the parent since when it is
 * busy. */
int courier_run(const struct conf *conf, struct worker_slot *slot, const struct errand *errand);

/* Ends the waiting of requests. */
const volatile sig_atomic_t *courier_stop(void);

/* Around a call: libcurl keeps its own time, so the parent need not. */
void courier_leave(struct courier *c);
void courier_return(struct courier *c);

#endif
