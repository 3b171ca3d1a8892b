/* SPDX-License-Identifier: MIT */
/* Whether the processors of this machine are busy: more wants to run than there are of them, most
 * of the time. Looked at only while somebody asks. What the kernel tells without being asked (the
 * load average, the time that this process waits) comes a minute too late, or says little: who
 * sleeps often is let run at once.
 */
#ifndef MARU_PRESSURE_H
#define MARU_PRESSURE_H

#include <stdbool.h>

struct ev_loop;

void pressure_start(struct ev_loop *loop);
void pressure_stop(void);

/* It takes some tenths of a second of asking until this is known; until then it is not high. */
bool pressure_is_high(void);

/* The share of the time, of late, in which more wanted to run than could. 0 if nobody asks. */
double pressure_level(void);

#endif
