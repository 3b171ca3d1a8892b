/* SPDX-License-Identifier: MIT */
/* Runs other people's programs (vips, ffmpeg) on files that strangers sent, so that the worst such
 * a file can do is to end one process: without network, without other files, with limits of memory
 * and time (lockdown.h), and only a few at once on the host.
 *
 *   TRY(jail_enter(r, &jail));
 *   jail_allow(&jail, 3000, 4500);
 *   e = jail_run(&jail, &job);
 *   jail_leave(&jail);
 */
#ifndef MARU_JAIL_H
#define MARU_JAIL_H

#include "req.h"

struct jail {
	struct req *r;
	int slot;      /* the descriptor that holds it */
	int64_t left;  /* milliseconds of a processor that its programs may still take */
	int64_t until; /* clock_mono() at which they have to be done in any case */
};

struct jail_job {
	const char *const *argv; /* up to NULL; argv[0] is found by jail_has() */
	const char *reads;       /* the file */
	const char *writes;      /* the file, made empty if it is there; NULL: none */
	bool plugins;            /* vips takes its own along: it reads AVIF and HEIC with one */
	struct buf *out;         /* what the program prints; NULL: nobody wants it */
};

/* Whether a program is installed, below /usr. */
bool jail_has(const char *program);

/* Waits for a free place (setting files_helpers) for up to 10 s, and has it until jail_leave().
 * ERR_UNAVAILABLE if none was free, ERR_STORE_FULL, ERR_INTERNAL. */
enum err jail_enter(struct req *r, struct jail *j);
void jail_leave(struct jail *j);

/* Gives all that is run from here on together so many milliseconds of a processor, and so many by
 * the clock: a host that is busy shall not make a good file a bad one. Without it there are none.
 */
void jail_allow(struct jail *j, int64_t cpu, int64_t wall);

/* Runs a program to its end. ERR_BAD_FILE with a detail if it refuses the file, crashes, takes too
 * long or too much memory; ERR_UNAVAILABLE if there was hardly a processor for it;
 * ERR_STORE_FULL if the disk is full; ERR_INTERNAL if it can't be run, or prints more than out
 * holds. After an error the file that it was to write is gone. */
enum err jail_run(struct jail *j, const struct jail_job *job);

#endif
