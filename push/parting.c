/* SPDX-License-Identifier: MIT */
/* Those who are behind parting.h. */
#include "parting.h"

#include "hub.h"
#include "later.h"
#include "limits.h"
#include "silence.h"
#include "socket.h"
#include "stats.h"
#include "turn.h"
#include "ws.h"

#include <assert.h>
#include <stdlib.h>

/* They hold descriptors, of those that are spare: strangers who are refused and stay must not take
 * the place of others. Where all have to go at once, few are sending. */
#define PARTING_MAX (SOCKET_SPARE / 4)

struct parting {
	struct later later; /* first: it is handed back */
	void *ws;
};

static unsigned count;

void
parting_leave(struct hub *h, struct conn *c)
{
	conn_log(c, "closed");
	stats_closed(c->closing);
	silence_forget(c);
	limits_close(c);
	turn_forget(c);
	c->closing = 1; /* leaving the hub must not queue anything for itself */
	hub_leave(h, c);
	conn_finish(c);
}

static void
on_due(struct later *l)
{
	ws_cut(((struct parting *)l)->ws); /* which ends it */
}

bool
parting_begin(struct conn *c, void *ws)
{
	struct parting *p;

	assert(c->magic == 0 && c->ws == NULL);
	if (count == PARTING_MAX)
		return false;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		abort();
	count++;
	p->ws = ws;
	c->ws = p; /* it has no other any more */
	later_put_off(&p->later, LATER_SECOND, on_due);
	return true;
}

void
parting_end(struct conn *c)
{
	struct parting *p = c == NULL || c->magic != 0 ? NULL : c->ws;

	if (p == NULL)
		return;
	later_call_off(&p->later);
	c->ws = NULL;
	free(p);
	count--;
}
