/* SPDX-License-Identifier: MIT */
/* The directory that is the queue of files for the bucket: files_dir with
 *
 *   ready/  complete objects that have to be uploaded; they go once the bucket has them
 *   gone/   empty files named as an object that has to be deleted, in all its sizes
 *
 * An object is 32 lower-case hexadecimal characters; its files have the names below. maru-api fills
 * both by rename(2); nobody tells us, inotify does.
 */
#ifndef MARU_SPOOL_H
#define MARU_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#define SPOOL_OBJECT    32 /* characters */
#define SPOOL_NAME_SIZE 48 /* of the longest name, with NUL */
#define SPOOL_SIZES     5  /* files that an object can have */

enum spool_place { SPOOL_READY, SPOOL_GONE };

struct spool {
	const char *dir;
	int fds[2]; /* of ready/ and gone/, or -1 */
	int watch;  /* inotify, or -1 */
	int marks[2];
	bool broken; /* was said in the log */
	struct {
		unsigned n;
		char names[16][SPOOL_NAME_SIZE];
	} strange; /* names that the log has mentioned */
};

typedef void spool_found(void *arg, enum spool_place place, const char *name);

/* dir: not copied. Nothing is opened before the first scan. */
void spool_init(struct spool *s, const char *dir);
void spool_finish(struct spool *s);

/* Calls found() for each file in both directories, after it has made and opened them if it must.
 * False: one can't be read now; the log says so once. */
bool spool_scan(struct spool *s, spool_found *found, void *arg);

/* Calls found() for what has come since; watch is readable then. False: scan, some news were lost.
 */
bool spool_news(struct spool *s, spool_found *found, void *arg);

/* The names that the files of an object can have; i below SPOOL_SIZES. 0: its own. */
void spool_name(const char *object, unsigned i, char out[SPOOL_NAME_SIZE]);

/* Whether this is the name of such a file, or of a marker. */
bool spool_is_name(enum spool_place place, const char *name);

#endif
