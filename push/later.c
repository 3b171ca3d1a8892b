/* SPDX-License-Identifier: MIT */
/* The lists behind later.h. */
#include "later.h"

#include "clock.h"
#include "conf.h"

#include <ev.h>
#include <utlist.h>

#define TICK 0.1

static struct {
	struct ev_loop *loop;  /* NULL: not started, or stopped */
	struct ev_timer timer; /* runs while anything waits */
	int64_t ms[LATER_WHILES];
	struct later *first[LATER_WHILES];
} laters;

static bool
is_idle(void)
{
	for (unsigned i = 0; i < LATER_WHILES; i++) {
		if (laters.first[i] != NULL)
			return false;
	}
	return true;
}

static void
happen(struct later *l)
{
	void (*run)(struct later *) = l->run;

	later_call_off(l);
	run(l);
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
	int64_t now = clock_mono();

	(void)loop;
	(void)w;
	(void)events;
	for (unsigned i = 0; i < LATER_WHILES; i++) {
		while (laters.first[i] != NULL && laters.first[i]->due <= now)
			happen(laters.first[i]);
	}
}

void
later_start(const struct conf *conf, struct ev_loop *loop)
{
	laters.loop = loop;
	laters.ms[LATER_SECOND] = 1000;
	laters.ms[LATER_LINGER] = conf->presence_linger * 1000;
	ev_timer_init(&laters.timer, on_tick, 0., TICK);
}

void
later_stop(void)
{
	if (laters.loop == NULL)
		return;
	ev_timer_stop(laters.loop, &laters.timer);
	laters.loop = NULL;
	for (unsigned i = 0; i < LATER_WHILES; i++) {
		while (laters.first[i] != NULL)
			happen(laters.first[i]);
	}
}

void
later_put_off(struct later *l, enum later_while how_long, void (*run)(struct later *))
{
	if (laters.loop == NULL || laters.ms[how_long] == 0) {
		run(l);
		return;
	}
	if (is_idle())
		ev_timer_again(laters.loop, &laters.timer);
	l->run = run;
	l->how_long = how_long;
	l->due = clock_mono() + laters.ms[how_long];
	DL_APPEND(laters.first[how_long], l);
}

void
later_call_off(struct later *l)
{
	if (l->run == NULL)
		return;
	DL_DELETE(laters.first[l->how_long], l);
	l->run = NULL;
	if (laters.loop != NULL && is_idle())
		ev_timer_stop(laters.loop, &laters.timer);
}

bool
later_waits(const struct later *l)
{
	return l->run != NULL;
}
