/* SPDX-License-Identifier: MIT */
/* The rounds behind rounds.h. */
#include "rounds.h"

#include "bus.h"
#include "clock.h"
#include "hub.h"
#include "tell.h"
#include "wire.h"

#include <ev.h>
#include <utlist.h>

#define TICK        0.1
#define ROUND_TICKS 10    /* in so many ticks every stream has its turn */
#define ASK_MAX     256   /* heads in one packet */
#define IDLE_MS     60000 /* a channel without subscribers is still followed: reloads are short */
#define SILENCE_MS  30000 /* then subscribers are told the head */

static struct {
	struct ev_loop *loop;
	struct hub *hub;
	struct ev_timer timer;
	struct follow *all; /* the first had its turn longest ago */
	unsigned count;
} rounds;

void
rounds_add(struct follow *f)
{
	DL_APPEND(rounds.all, f);
	rounds.count++;
}

void
rounds_remove(struct follow *f)
{
	DL_DELETE(rounds.all, f);
	rounds.count--;
}

/* Questions of one kind that are being collected. */
struct batch {
	struct wire_head heads[ASK_MAX];
	size_t n;
};

static void
ask(enum wire_kind kind, struct batch *b)
{
	struct wire_packet p = {.op = WIRE_ASK,
	    .kind = kind,
	    .body = {(const char *)b->heads, b->n * sizeof(*b->heads)}};

	if (b->n > 0)
		(void)bus_ask(&p); /* the next round asks again */
	b->n = 0;
}

/* Looks after one stream, which may end here. */
static void
look_after(struct follow *f, struct batch *batches, int64_t now)
{
	struct batch *b = &batches[f->stream.kind];

	/* Somebody lingers still after a machine slept. */
	if (f->idle_since != 0 && now - f->idle_since > IDLE_MS && f->channel->members == NULL) {
		hub_drop(rounds.hub, f->channel);
		return;
	}
	if (!f->known)
		return;
	if (b->n == ASK_MAX)
		ask(f->stream.kind, b);
	b->heads[b->n++] = (struct wire_head){
	    .id = f->stream.id, .last = f->claimed > f->stream.last ? f->claimed : f->stream.last};
	if (f->channel->count > 0 && now - f->spoke_at > SILENCE_MS)
		tell_head(f, now);
}

/* A tenth of all streams has its turn. */
static void
on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
	static struct batch batches[WIRE_SYSTEM + 1];
	int64_t now = clock_mono();
	unsigned turns = (rounds.count + ROUND_TICKS - 1) / ROUND_TICKS;

	(void)loop;
	(void)w;
	(void)events;
	for (unsigned i = 0; i < turns; i++) {
		struct follow *f = rounds.all;

		DL_DELETE(rounds.all, f);
		DL_APPEND(rounds.all, f);
		look_after(f, batches, now);
	}
	for (enum wire_kind kind = WIRE_ROOM; kind <= WIRE_SYSTEM; kind++)
		ask(kind, &batches[kind]);
}

void
rounds_start(struct ev_loop *loop, struct hub *hub)
{
	rounds.loop = loop;
	rounds.hub = hub;
	ev_timer_init(&rounds.timer, on_tick, TICK, TICK);
	ev_timer_start(loop, &rounds.timer);
}

void
rounds_stop(void)
{
	while (rounds.all != NULL)
		hub_drop(rounds.hub, rounds.all->channel);
	ev_timer_stop(rounds.loop, &rounds.timer);
}
