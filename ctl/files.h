/* SPDX-License-Identifier: MIT */
/* `maructl files ...`: looks after files where they lie, on the disk and in the bucket. */
#ifndef MARU_CTL_FILES_H
#define MARU_CTL_FILES_H

#include "api/req.h"

struct bucket;

/* One run of a command. */
struct files {
	struct req *r;
	bool json;
	struct bucket *bucket; /* NULL: files stay in files_dir */
	bool broken;           /* it can't be finished; what is wrong was said on stderr */
};

#define FILES_YOUNG_MS 3600000 /* what is younger may be in the making */

/* 0 done, 1 something is missing or could not be done, 2 not understood. */
int files_command(struct req *r, bool json, int argc, char **argv);

extern const char files_help[];

/* The commands; the same results. */
int verify_files(struct files *f);
int move_files(struct files *f);
int sweep_files(struct files *f);

/* Notes how far it is, on a terminal, in the place of the last note; not more often than ten times
 * a second. */
__attribute__((format(printf, 1, 2))) void files_progress(const char *fmt, ...);
void files_clear(void);

/* Says on stderr why this can't go on, and returns false. */
__attribute__((format(printf, 2, 3))) bool files_fail(struct files *f, const char *fmt, ...);

/* One line on stdout: the sentence, or with --json the object, which gets the sentence as "text".
 * Takes over the reference. */
__attribute__((format(printf, 3, 4))) void files_say(
    const struct files *f, json_t *object, const char *fmt, ...);

#endif
