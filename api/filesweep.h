/* SPDX-License-Identifier: MIT */
/* Removes files that nothing refers to. */
#ifndef MARU_FILESWEEP_H
#define MARU_FILESWEEP_H

#include "req.h"

struct filesweep_counts {
	unsigned long files;      /* that nothing referred to, in all their sizes */
	unsigned long uploads;    /* that nobody went on with */
	unsigned long unfinished; /* left in tmp/ */
	bool failed;              /* the last step did */
};

/* Removes some; true: there may be more. */
bool filesweep_step(struct req *r);

/* What this process has removed. */
const struct filesweep_counts *filesweep_counts(void);

#endif
