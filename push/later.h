/* SPDX-License-Identifier: MIT */
/* Things that happen a fixed while from now, unless they are called off.
 *
 * Each while has one list, which is in the order of its ends by itself; a tick looks at those that
 * are due and at nothing else. A tick is 0.1 s, so nothing happens early and little happens late.
 */
#ifndef MARU_LATER_H
#define MARU_LATER_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct ev_loop;

enum later_while {
	LATER_SECOND, /* one second */
	LATER_LINGER, /* presence_linger, see there */
	LATER_WHILES
};

/* Part of whatever waits; zeroed: nothing waits. */
struct later {
	struct later *prev, *next;
	int64_t due;
	void (*run)(struct later *); /* NULL: does not wait */
	enum later_while how_long;
};

void later_start(const struct conf *conf, struct ev_loop *loop);

/* All that waits happens now. Before that, and after, nothing has to wait: what is put off happens
 * at once. */
void later_stop(void);

/* Calls run after the while; it may free l. l must not wait already. */
void later_put_off(struct later *l, enum later_while how_long, void (*run)(struct later *));

/* It will not happen; nothing if it does not wait. */
void later_call_off(struct later *l);

bool later_waits(const struct later *l);

#endif
