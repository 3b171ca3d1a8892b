/* SPDX-License-Identifier: MIT */
/* What others need to know about threads. */
#ifndef MARU_THREADS_H
#define MARU_THREADS_H

#include "req.h"

/* Gives each message of a page that was answered in a thread its `replies`: {count, last}. The page
 * must be in the order of seq. */
enum err threads_attach(struct req *r, uint64_t room, json_t *messages);

#endif
