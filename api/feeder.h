/* SPDX-License-Identifier: MIT */
/* The process that answers maru-push when a packet was missing.
 *
 * Packets from the workers are hints; push counts their seqs and asks here for what it did not get.
 * Once a second it also asks for the heads of the streams that somebody listens to, so that an
 * event whose worker died between COMMIT and its packet is noticed. The counter row is the outbox:
 * nothing else has to be stored.
 */
#ifndef MARU_FEEDER_H
#define MARU_FEEDER_H

#include "worker.h"

/* Serves until SIGTERM; the result is the exit status. The slot tells the parent since when it is
 * busy. */
int feeder_run(const struct conf *conf, struct worker_slot *slot);

#endif
