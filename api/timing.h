/* SPDX-License-Identifier: MIT */
/* Where the time of a request goes, for the header Server-Timing (W3C). A worker answers one
 * request at a time, so there is one account. While the setting server_timing is off no clock is
 * read.
 */
#ifndef MARU_TIMING_H
#define MARU_TIMING_H

#include "req.h"

enum timing {
	TIMING_AUTH,   /* from the arrival until it was known who asks */
	TIMING_DB,     /* in calls of db.c */
	TIMING_NOTIFY, /* in sending packets to maru-push */
	TIMINGS
};

/* A request has arrived. */
void timing_start(const struct conf *conf);

/* The present, for timing_add(); 0 while off. */
int64_t timing_now(void);

/* Adds the time since then to a part; since 0: since the request arrived. */
void timing_add(enum timing part, int64_t since);

/* Adds the header to the answer: the parts that there were, and the total up to now. */
void timing_header(struct req *r);

#endif
