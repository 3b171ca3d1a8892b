/* SPDX-License-Identifier: MIT */
/* Who is still in their call, and who can be rung at all: maru-push knows, and is asked once a
 * second. Without an answer nothing ends. */
#ifndef MARU_CALLWATCH_H
#define MARU_CALLWATCH_H

#include "req.h"
#include "shared/wire.h"

/* How far the round has come; zeroed: not begun. */
struct callwatch {
	int64_t due; /* of the next round, monotonic milliseconds */
	uint64_t call, user;
};

/* The next question, if anybody is in a call: *out, whose body belongs to the request. Before the
 * first of a round it ends what has rung for too long. */
bool callwatch_ask(struct callwatch *w, struct req *r, int64_t now, struct wire_packet *out);

/* The answer. */
void callwatch_heard(struct req *r, struct str body);

#endif
