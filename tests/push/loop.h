/* SPDX-License-Identifier: MIT */
/* What the tests share that follow streams: a clock and a loop that stand still until a test lets
 * time pass, and a feeder that is asked and answers only when the test says so. Each test program
 * includes this once, after fakes.h. */
#ifndef MARU_TEST_LOOP_H
#define MARU_TEST_LOOP_H

#include "push/bus.h"
#include "push/follow.h"
#include "push/hooks.h"
#include "push/later.h"

#include <ev.h>
#include <stdlib.h>
#include <time.h>

#define TIMERS    4
#define ASKED_MAX 256

static struct {
	int64_t now; /* milliseconds, of every clock */
	struct ev_timer *timers[TIMERS];
	double due[TIMERS];
	bool feeder; /* somebody is there to be asked */
	struct wire_packet asked[ASKED_MAX];
	char bodies[ASKED_MAX][1024];
	unsigned asked_count;
} play;

#ifndef LOOP_WITH_CLOCK
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t now = play.now + (id == CLOCK_REALTIME ? 1700000000000 : 0);

	*ts = (struct timespec){now / 1000, now % 1000 * 1000000};
	return 0;
}
#endif

void
ev_timer_stop(struct ev_loop *loop, struct ev_timer *w)
{
	(void)loop;
	for (unsigned i = 0; i < TIMERS; i++) {
		if (play.timers[i] == w)
			play.timers[i] = NULL;
	}
	w->active = 0;
}

void
ev_timer_start(struct ev_loop *loop, struct ev_timer *w)
{
	unsigned i = 0;

	(void)loop;
	if (w->active)
		return;
	while (play.timers[i] != NULL)
		assert_true(++i < TIMERS);
	play.timers[i] = w;
	play.due[i] = (double)play.now + 1000. * w->at;
	w->active = 1;
}

/* As libev does it: a timer that runs already begins anew. */
void
ev_timer_again(struct ev_loop *loop, struct ev_timer *w)
{
	ev_timer_stop(loop, w);
	w->at = w->repeat;
	if (w->repeat > 0.)
		ev_timer_start(loop, w);
}

/* The next millisecond in which a timer is due, or the last one. */
static inline int64_t
next_due(int64_t last)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		int64_t due = (int64_t)play.due[i];

		due += (double)due < play.due[i];
		if (play.timers[i] != NULL && due < last)
			last = due;
	}
	return last > play.now ? last : play.now + 1;
}

/* Lets time pass. */
static inline void
pass(int64_t ms)
{
	for (int64_t end = play.now + ms; play.now < end;) {
		play.now = next_due(end);
		for (unsigned i = 0; i < TIMERS; i++) {
			struct ev_timer *w = play.timers[i];

			if (w == NULL || play.due[i] > (double)play.now)
				continue;
			play.due[i] += 1000. * w->repeat;
			w->cb(NULL, w, EV_TIMER);
		}
	}
}

#ifndef LOOP_WITH_BUS
bool
bus_ask(const struct wire_packet *p)
{
	unsigned i = play.asked_count;

	if (!play.feeder)
		return false;
	assert_true(i < ASKED_MAX && p->body.n <= sizeof(play.bodies[i]));
	play.asked[i] = *p;
	if (p->body.n > 0)
		memcpy(play.bodies[i], p->body.p, p->body.n);
	play.asked[i].body.p = play.bodies[i];
	play.asked_count++;
	return true;
}
#endif

/* How often the events of a stream above a seq were asked for since play.asked_count = 0. */
static inline unsigned
needed(enum wire_kind kind, uint64_t id, uint64_t after)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play.asked_count; i++) {
		const struct wire_packet *p = &play.asked[i];

		n += p->op == WIRE_NEED && p->kind == kind && p->stream == id && p->seq == after;
	}
	return n;
}

/* The last question about a stream's events; the test fails if there was none. */
static inline const struct wire_packet *
question(enum wire_kind kind, uint64_t id)
{
	for (unsigned i = play.asked_count; i > 0; i--) {
		const struct wire_packet *p = &play.asked[i - 1];

		if (p->op == WIRE_NEED && p->kind == kind && p->stream == id)
			return p;
	}
	fail_msg("nobody asked for events of %u/%u", (unsigned)kind, (unsigned)id);
	return NULL;
}

/* The feeder ends its answer to the last question about a stream. */
static inline void
tell_head(enum wire_kind kind, uint64_t id, uint64_t head)
{
	const struct wire_packet *q = question(kind, id);
	struct wire_packet p = {.op = WIRE_HEAD,
	    .kind = kind,
	    .stream = id,
	    .seq = head,
	    .user = q->seq,
	    .mid = q->mid};

	follow_head(&p);
}

/* The feeder sends one event of its answer. */
static inline void
tell_event(enum wire_kind kind, uint64_t id, uint64_t seq, uint64_t mid, const char *text)
{
	struct wire_packet p = {
	    .op = WIRE_FETCHED, .kind = kind, .stream = id, .seq = seq, .mid = mid};

	p.body = str_of(text);
	follow_fetched(&p);
}

/* Starts to follow, with a feeder that knows the heads of the two streams that always exist. */
static inline void
loop_start(const struct conf *c, struct hub *hub, uint64_t lobby, uint64_t ended)
{
	play.now = 1000000;
	play.feeder = true;
	play.asked_count = 0;
	later_start(c, (struct ev_loop *)&play);
	hooks_start(c);
	follow_start(c, (struct ev_loop *)&play, hub);
	pass(10);
	tell_head(WIRE_LOBBY, 0, lobby);
	tell_head(WIRE_SYSTEM, 0, ended);
	play.asked_count = 0;
}

static inline void
loop_stop(void)
{
	hooks_stop();
	later_stop();
	follow_stop();
}

#endif
