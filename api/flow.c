/* SPDX-License-Identifier: MIT */
#include "flow.h"

#include "fcgi.h"
#include "shared/clock.h"
#include "shared/log.h"

#include <stdatomic.h>

#define BIT_MAX ((size_t)16 << 20)

enum err
flow_reply(struct req *r, const struct flow *f)
{
	struct flow *copy = arena_alloc(&r->mem, sizeof(*copy));

	*copy = *f;
	r->status = 200;
	r->flow = copy;
	return OK;
}

void
flow_alive(struct req *r)
{
	if (r->busy_since != NULL)
		atomic_store(r->busy_since, clock_mono());
}

/* Each bit has a life of memory of its own, so that it does not matter how many there are. */
enum err
flow_send(struct req *r)
{
	struct arena kept = r->mem;
	bool more = true, heard = true;
	enum err e = OK;
	struct buf out;

	buf_init(&out, BIT_MAX);
	arena_init(&r->mem);
	fcgi_begin(r);
	while (e == OK && more && heard) {
		e = r->flow->next(r, r->flow->state, &out, &more);
		heard = !out.full && fcgi_put((struct str){out.p, out.n});
		buf_clear(&out);
		arena_reset(&r->mem);
		flow_alive(r);
	}
	fcgi_end(e == OK && heard);
	arena_finish(&r->mem);
	r->mem = kept;
	r->detail = NULL;
	buf_finish(&out);
	if (e != OK || !heard)
		log_warn("%s: %s", r->path, e != OK ? "the answer was cut" : "the client has left");
	return e;
}
