/* SPDX-License-Identifier: MIT */
/* The process that posts to webhook_url what lies in the table hook. No worker ever calls out.
 *
 * In order, batch by batch, as Pusher does it: {"time_ms", "events": [...]}, signed with
 * app_secret. A batch that is not answered with 2xx is posted again, with growing pauses. Once that
 * has gone wrong for webhook_retry seconds, events older than that are dropped. Rows are deleted
 * after the answer, so a crash loses nothing and may post a batch twice.
 */
#ifndef MARU_COURIER_H
#define MARU_COURIER_H

#include "worker.h"

/* Works until SIGTERM; the result is the exit status. The slot tells the parent since when it is
 * busy. */
int courier_run(const struct conf *conf, struct worker_slot *slot);

#endif
