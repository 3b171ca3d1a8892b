/* SPDX-License-Identifier: MIT */
/* What a process gives up before it runs somebody else's program on a stranger's file. Called by
 * jail.c alone, in the child. */
#ifndef MARU_LOCKDOWN_H
#define MARU_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>

struct lockdown {
	const char *reads;  /* the one file, beside the system's programs, that may be read */
	const char *writes; /* the one, which exists, that may be written; NULL: none */
	size_t data;        /* bytes of memory of its own */
	unsigned seconds;   /* of CPU */
	size_t file;        /* bytes of the largest file that it may write */
};

/* For good, and for whatever is executed later: no network, no other processes, no files but those
 * named (where the kernel has Landlock), limits. False with errno if a part of it failed: then the
 * program must not run. */
bool lockdown(const struct lockdown *l);

#endif
