/* SPDX-License-Identifier: MIT */
/* The two lists behind silence.h. */
#include "silence.h"

#include "clock.h"
#include "codes.h"
#include "turn.h"

#include <utlist.h>

#define STOPPED_MS 5000

static struct {
	struct conn *heard;
	struct conn *asked;
	struct msg *ping; /* one for all */
	int64_t watched;  /* when silence_watch() last ran */
} silence;

void
silence_start(void)
{
	silence.ping = msg_ping();
}

void
silence_stop(void)
{
	msg_put(silence.ping);
	silence.ping = NULL;
}

static void
move_to(struct conn *c, struct conn **list)
{
	if (c->list != NULL)
		DL_DELETE(*c->list, c);
	if (list != NULL)
		DL_APPEND(*list, c);
	c->list = list;
}

void
silence_hear(struct conn *c)
{
	c->heard = clock_mono();
	move_to(c, &silence.heard);
}

void
silence_forget(struct conn *c)
{
	move_to(c, NULL);
}

void
silence_tick(const struct conf *conf, int64_t now)
{
	struct conn *c;

	while ((c = silence.heard) != NULL && now - c->heard >= conf->push_ping * 1000) {
		move_to(c, &silence.asked);
		(void)conn_send(c, silence.ping);
	}
	while ((c = silence.asked) != NULL && now - c->heard >= conf->push_hangup * 1000) {
		move_to(c, NULL);
		/* Who gets Server-Sent Events can't answer: it comes back, or it does not. */
		if (c->sse != NULL)
			turn_end(c, CODE_COME_BACK, "come back");
		else
			turn_end(c, CODE_NO_PONG, "no pong");
	}
}

/* All begin anew. */
static void
forgive(int64_t now)
{
	struct conn *c;

	DL_FOREACH (silence.asked, c) {
		c->list = &silence.heard;
	}
	DL_CONCAT(silence.heard, silence.asked);
	silence.asked = NULL;
	DL_FOREACH (silence.heard, c) {
		c->heard = now;
	}
}

void
silence_watch(const struct conf *conf, int64_t now)
{
	if (now - silence.watched > STOPPED_MS)
		forgive(now);
	silence.watched = now;
	silence_tick(conf, now);
}

struct conn *
silence_any(void)
{
	return silence.heard != NULL ? silence.heard : silence.asked;
}
