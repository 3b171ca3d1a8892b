/* SPDX-License-Identifier: MIT */
/* An answer that is made bit by bit, after the handler's transaction: it may be of any length. */
#ifndef MARU_FLOW_H
#define MARU_FLOW_H

#include "req.h"

struct flow {
	const char *type; /* Content-Type */
	/* Adds the next bit to out; *more: there will be another. What it takes from r->mem lives
	 * until the next one. After an error the client's connection is cut, so that nobody takes
	 * the part for the whole. */
	enum err (*next)(struct req *r, void *state, struct buf *out, bool *more);
	void *state;
};

/* Sets an answer with status 200 that is made so; f is copied. Returns OK. */
enum err flow_reply(struct req *r, const struct flow *f);

/* Makes and sends the answer (serve.c). */
enum err flow_send(struct req *r);

/* Says that the worker is alive: something that may take long has got on. */
void flow_alive(struct req *r);

#endif
