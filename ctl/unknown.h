/* SPDX-License-Identifier: MIT */
/* What lies on the disk or in the bucket, and no row of the database knows of. */
#ifndef MARU_UNKNOWN_H
#define MARU_UNKNOWN_H

#include "walk.h"

struct thing {
	char path[WALK_PATH]; /* below files_dir, or the key of an object of the bucket */
	char name[48];        /* of the file, "": it is named as no file of ours */
	bool remote;          /* in the bucket */
	bool known;
	bool there; /* still */
	int64_t at; /* wall time of its last change, or 0 */
};

struct unknown {
	struct files *files;
	/* Called for each that is older than an hour; those that are younger are on their way. Of
	 * the bucket only for what is named like ours. */
	void (*found)(struct unknown *u, const struct thing *t);
	unsigned long disk, remote; /* how many were looked at */
	unsigned long strange;      /* objects of the bucket that are named as none of ours */
	/* The rest is unknown.c's own. */
	unsigned n;
	struct thing *things;
};

/* Looks through everything. False: it can't be done, which was said. */
bool unknown_find(struct unknown *u);

#endif
