/* SPDX-License-Identifier: MIT */
/* A number of places that all workers share, for what not all of them may do at once. A place is a
 * locked byte of a file without a name. The kernel lets go of it when its process dies, so a killed
 * worker never keeps one. */
#ifndef MARU_PLACES_H
#define MARU_PLACES_H

#include <stdbool.h>

struct places {
	int fd;
};

/* Prepares them (parent, before fork). False with errno. */
bool places_init(struct places *p, const char *name);

/* Takes one of n places; -1 if none came free in that time. */
long places_enter(const struct places *p, long n, int wait_ms);

/* Takes a certain place; false if another process has it. */
bool places_claim(const struct places *p, long place);

void places_leave(const struct places *p, long place);

#endif
