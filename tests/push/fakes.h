/* SPDX-License-Identifier: MIT */
/* What the tests of push/ share: the socket side played by counters, and a configuration. Each test
 * program includes this once. */
#ifndef MARU_TEST_FAKES_H
#define MARU_TEST_FAKES_H

#include "push/conn.h"
#include "push/stats.h"
#include "push/turn.h"

#include "crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SECRET "0123456789abcdef0123456789abcdef"

static struct {
	unsigned wakes, flushes, closes, rounds, hurries;
	bool behind;                    /* some still wait for what an earlier turn queued */
	bool takes_all;                 /* a flush empties the queue */
	void (*reader)(struct conn *c); /* or this does */
} fake;

void
turn_wake(struct conn *c)
{
	(void)c;
	fake.wakes++;
}

void
turn_flush(struct conn *c)
{
	fake.flushes++;
	if (fake.takes_all)
		conn_drop(c);
	if (fake.reader != NULL)
		fake.reader(c);
}

bool
turn_is_behind(void)
{
	return fake.behind;
}

unsigned
turn_rounds(void)
{
	return fake.rounds;
}

void
turn_hold(struct ev_io *w)
{
	(void)w;
}

void
turn_hurry(void)
{
	fake.hurries++;
}

void
turn_end(struct conn *c, unsigned code, const char *why)
{
	if (c->closing != 0)
		return;
	c->closing = (uint16_t)code;
	c->why = why;
	conn_drop(c);
	fake.closes++;
}

static struct conf conf;
struct stats stats;

static inline int
fakes_start(void **state)
{
	(void)state;
	fake.wakes = fake.flushes = fake.closes = fake.rounds = fake.hurries = 0;
	fake.behind = fake.takes_all = false;
	fake.reader = NULL;
	conf_init(&conf);
	conf.app_secret = SECRET;
	return crypt_init() ? 0 : -1;
}

static inline int
fakes_stop(void **state)
{
	(void)state;
	conf_finish(&conf);
	return 0;
}

/* Takes the next queued frame and returns its payload, which is valid until the next call; NULL if
 * there is none. */
static inline const char *
next_text(struct conn *c)
{
	static char text[1 << 20];
	struct msg *m = conn_peek(c);
	size_t head, n;

	if (m == NULL)
		return NULL;
	head = m->frame[1] < 126 ? 2 : m->frame[1] == 126 ? 4 : 10;
	n = m->size - head;
	assert_true(n < sizeof(text));
	memcpy(text, m->frame + head, n);
	text[n] = '\0';
	conn_sent(c);
	return text;
}

#endif
