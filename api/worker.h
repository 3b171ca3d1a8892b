/* SPDX-License-Identifier: MIT */
/* One process that answers requests, one at a time, until it is told to stop. */
#ifndef MARU_WORKER_H
#define MARU_WORKER_H

#include "shared/conf.h"

#include <stdatomic.h>
#include <stdint.h>

/* What the parent sees of a worker, in shared memory. */
struct worker_slot {
	int pid;                    /* written by the parent; 0: nobody */
	int64_t started;            /* of the process, monotonic milliseconds; parent's */
	_Atomic int64_t busy_since; /* of the request at hand, monotonic milliseconds; 0: idle */
};

/* Serves until SIGTERM or until worker_requests are done; the result is the exit status. */
int worker_run(const struct conf *conf, int listener, struct worker_slot *slot);

#endif
