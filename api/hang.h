/* SPDX-License-Identifier: MIT */
/* What the workers tell each other of a database that does not answer: one waits in vain, the
 * others need not, so the queue in front of them is answered (503) instead of growing. */
#ifndef MARU_HANG_H
#define MARU_HANG_H

#include <stdbool.h>
#include <stdint.h>

/* Prepares the shared memory (parent, before fork). False with errno. */
bool hang_init(void);

/* Whether the database is known not to answer now. */
bool hang_is_on(void);

/* A statement sent at this time (clock_mono) failed: if that took long, it was a hang. */
void hang_note(int64_t since);

#endif
