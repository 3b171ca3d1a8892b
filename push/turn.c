/* SPDX-License-Identifier: MIT */
/* The list behind turn.h, and how a queue becomes bytes. */
#include "turn.h"

#include "clock.h"
#include "pressure.h"
#include "silence.h"
#include "sse.h"
#include "stats.h"
#include "ws.h"

#include <ev.h>
#include <utlist.h>

#define JOIN_MAX  65536 /* bytes of several messages that go out in one write */
#define PIECES    8     /* such writes to one client per turn of the loop */
#define ANNOUNCED 4000  /* close codes from here on come with a pusher:error */
#define GONE      1001
#define SLICE     512 /* clients that are served before the loop looks around again */

/* Where the processors are busy, the loop gathers after a round for as long as nginx and the
 * clients need for what they were sent: so many seconds for each of them. Less than the timer can
 * tell is not waited for. */
#define REST     0.00004
#define REST_MIN 0.001
#define REST_MAX 0.03

static struct {
	struct ev_loop *loop;
	struct ev_prepare prepare;
	struct ev_idle awake; /* runs while clients wait: the loop does not sleep then */
	struct ev_timer rest; /* runs while messages are gathered */
	struct ev_io *held;   /* stands still meanwhile */
	bool hurry;
	struct conn *todo;   /* have something to be written, or end */
	unsigned round;      /* 0 or 1: who is in the list waits for this one or for the other */
	unsigned waiting[2]; /* how many, by the round that serves them */
	unsigned served;     /* in this round */
	unsigned rounds;     /* that are over */
	struct buf text;     /* what a client of SSE is sent */
	unsigned char join[JOIN_MAX];
} turn;

/* Whoever comes while a round is under way belongs to the next one. */
void
turn_wake(struct conn *c)
{
	if (c->todo)
		return;
	c->todo = true;
	c->round = !turn.round;
	turn.waiting[c->round]++;
	DL_APPEND2(turn.todo, c, todo_prev, todo_next);
}

void
turn_forget(struct conn *c)
{
	if (!c->todo)
		return;
	c->todo = false;
	turn.waiting[c->round]--;
	DL_DELETE2(turn.todo, c, todo_prev, todo_next);
}

void
turn_end(struct conn *c, unsigned code, const char *why)
{
	if (c->closing != 0)
		return;
	c->closing = (uint16_t)code;
	c->why = why;
	conn_drop(c);
	silence_forget(c);
	turn_wake(c);
}

/* Writes one piece of the queue: several short messages together, a single one from where it is
 * shared. */
static bool
put_next(struct conn *c)
{
	struct msg *m = conn_peek(c);
	bool ok;

	if (c->sse != NULL) {
		buf_clear(&turn.text);
		sse_gather(c, &turn.text, JOIN_MAX);
		return ws_write(c, (unsigned char *)turn.text.p, turn.text.n);
	}
	if (c->count > 1 && m->size <= JOIN_MAX / 2)
		return ws_write(c, turn.join, conn_gather(c, turn.join, sizeof(turn.join)));
	ok = ws_write(c, m->frame, m->size);
	conn_sent(c);
	return ok;
}

/* Writes until the socket takes no more or others should have their turn; the rest is left to
 * WRITEABLE. */
bool
turn_drain(struct conn *c)
{
	if (c->closing != 0)
		return true;
	for (unsigned i = 0; i < PIECES && conn_peek(c) != NULL; i++) {
		if (ws_is_full(c))
			break;
		if (!put_next(c))
			return false;
	}
	if (conn_peek(c) != NULL)
		ws_await(c);
	return true;
}

void
turn_flush(struct conn *c)
{
	if (!turn_drain(c))
		turn_end(c, GONE, "gone");
}

/* Says good-bye and closes the socket, as soon as what was begun is sent. Our own close frame: one
 * of libwebsockets' would be lost for a client that does not read. */
static void
end(struct conn *c)
{
	struct msg *error = c->closing >= ANNOUNCED ? msg_error(c->closing, c->why) : NULL;
	struct msg *bye = msg_close(c->closing, c->why);

	buf_clear(&turn.text);
	if (c->sse != NULL && error != NULL) {
		sse_add(c, error, &turn.text);
	} else if (c->sse == NULL) {
		if (error != NULL)
			buf_add(&turn.text, (char *)error->frame, error->size);
		buf_add(&turn.text, (char *)bye->frame, bye->size);
	}
	msg_put(error);
	msg_put(bye);
	ws_finish(c, (unsigned char *)turn.text.p, turn.text.n);
}

/* What serving the next one will touch. With thousands of clients nothing of theirs is in the cache
 * any more; this and its like in hub_send() take 8 % off a delivery to 9,500. */
static void
fetch_ahead(const struct conn *next)
{
	if (next == NULL)
		return;
	__builtin_prefetch(next->todo_next);
	__builtin_prefetch(next->ws);
}

static void
serve(struct conn *c)
{
	turn_forget(c);
	fetch_ahead(turn.todo);
	if (c->closing != 0)
		end(c);
	else
		turn_flush(c);
}

/* Everybody who waited when the round began has got theirs. */
static void
end_round(struct ev_loop *loop)
{
	double rest = turn.served * REST;
	bool gather = !turn.hurry && rest >= REST_MIN && pressure_is_high();

	turn.rounds++;
	turn.served = 0;
	turn.hurry = false;
	if (!gather)
		return;
	if (turn.held != NULL)
		ev_io_stop(loop, turn.held);
	ev_timer_set(&turn.rest, rest < REST_MAX ? rest : REST_MAX, 0.);
	ev_timer_start(loop, &turn.rest);
}

/* Serving one connection may add others: who sees a member go. */
static void
serve_slice(struct ev_loop *loop)
{
	if (turn.waiting[turn.round] == 0)
		turn.round = !turn.round;
	for (unsigned i = 0; i < SLICE && turn_is_behind(); i++) {
		serve(turn.todo);
		turn.served++;
	}
	if (!turn_is_behind())
		end_round(loop);
}

/* Runs before the loop sleeps. */
static void
on_prepare(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	(void)w;
	(void)events;
	if (!ev_is_active(&turn.rest))
		serve_slice(loop);
	if (turn.todo != NULL && !ev_is_active(&turn.rest))
		ev_idle_start(loop, &turn.awake);
	else
		ev_idle_stop(loop, &turn.awake);
	stats_turn(ev_time() - ev_now(loop), clock_mono());
}

static void
on_rested(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)w;
	(void)events;
	if (turn.held != NULL)
		ev_io_start(loop, turn.held);
}

static void
on_idle(struct ev_loop *loop, struct ev_idle *w, int events)
{
	(void)loop;
	(void)w;
	(void)events;
}

bool
turn_is_behind(void)
{
	return turn.waiting[turn.round] > 0;
}

bool
turn_is_done(void)
{
	return turn.todo == NULL;
}

unsigned
turn_rounds(void)
{
	return turn.rounds;
}

void
turn_hold(struct ev_io *w)
{
	turn.held = w;
}

void
turn_hurry(void)
{
	turn.hurry = true;
}

void
turn_start(struct ev_loop *loop)
{
	turn.loop = loop;
	pressure_start(loop);
	buf_init(&turn.text, 2 * MSG_TEXT_MAX);
	ev_prepare_init(&turn.prepare, on_prepare);
	ev_prepare_start(loop, &turn.prepare);
	ev_idle_init(&turn.awake, on_idle);
	ev_timer_init(&turn.rest, on_rested, 0., 0.);
}

void
turn_stop(void)
{
	ev_prepare_stop(turn.loop, &turn.prepare);
	ev_idle_stop(turn.loop, &turn.awake);
	ev_timer_stop(turn.loop, &turn.rest);
	buf_finish(&turn.text);
	pressure_stop();
}
