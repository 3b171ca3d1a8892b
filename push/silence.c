/* SPDX-License-Identifier: MIT */
/* The two lists behind silence.h. */
#include "silence.h"

#include "clock.h"
#include "codes.h"
#include "turn.h"

#include <utlist.h>

#define STOPPED_MS 5000

enum { NOWHERE, HEARD, ASKED, LISTS };

static struct {
	struct conn *lists[LISTS];
	struct msg *ping; /* one for all */
	int64_t watched;  /* when silence_watch() last ran */
} silence;

void
silence_start(void)
{
	silence.ping = msg_ping();
	silence.watched = clock_mono();
}

void
silence_stop(void)
{
	msg_put(silence.ping);
	silence.ping = NULL;
}

static void
move_to(struct conn *c, uint8_t list)
{
	if (c->silence != NOWHERE)
		DL_DELETE(silence.lists[c->silence], c);
	if (list != NOWHERE)
		DL_APPEND(silence.lists[list], c);
	c->silence = list;
}

void
silence_hear(struct conn *c)
{
	c->heard = clock_mono();
	move_to(c, HEARD);
}

void
silence_forget(struct conn *c)
{
	move_to(c, NOWHERE);
}

void
silence_tick(const struct conf *conf, int64_t now)
{
	struct conn *c;

	while ((c = silence.lists[HEARD]) != NULL && now - c->heard >= conf->push_ping * 1000) {
		move_to(c, ASKED);
		(void)conn_send(c, silence.ping);
	}
	while ((c = silence.lists[ASKED]) != NULL && now - c->heard >= conf->push_hangup * 1000) {
		move_to(c, NOWHERE);
		/* Who gets Server-Sent Events can't answer: it comes back, or it does not. Who
		 * could and did not is not shown as present any longer. */
		c->dismissed = c->sse == NULL;
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

	DL_FOREACH (silence.lists[ASKED], c) {
		c->silence = HEARD;
	}
	DL_CONCAT(silence.lists[HEARD], silence.lists[ASKED]);
	silence.lists[ASKED] = NULL;
	DL_FOREACH (silence.lists[HEARD], c) {
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
	return silence.lists[HEARD] != NULL ? silence.lists[HEARD] : silence.lists[ASKED];
}
