/* SPDX-License-Identifier: MIT */
/* Who has been silent for how long: asks with a ping after push_ping seconds, gives up after
 * push_hangup.
 *
 * Not libwebsockets' validity timers: those stand in one sorted list, and finding the place in it
 * costs a walk over all connections for each thing that is heard. Here are two lists that are in
 * order by themselves, those heard and those asked, each with the longest silent first.
 */
#ifndef MARU_SILENCE_H
#define MARU_SILENCE_H

#include "conn.h"

void silence_start(void);
void silence_stop(void);

/* The client sent something, or just came. */
void silence_hear(struct conn *c);

/* It is watched no longer; may be called twice. */
void silence_forget(struct conn *c);

/* Looks at those that are due, and at nobody else. now: clock_mono(). */
void silence_tick(const struct conf *conf, int64_t now);

/* The same, once a second. If it was not called for longer, the silence was ours (SIGSTOP, a
 * machine that slept), and all begin anew. */
void silence_watch(const struct conf *conf, int64_t now);

/* Anybody who is watched, or NULL. */
struct conn *silence_any(void);

#endif
