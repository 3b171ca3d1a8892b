/* SPDX-License-Identifier: MIT */
/* What uploads and deletions have in common: the store asks each again and again for its next step.
 */
#ifndef MARU_JOB_H
#define MARU_JOB_H

#include "s3.h"

enum step {
	STEP_WAITS, /* for an answer of the server */
	STEP_MORE,  /* has more to compute; ask again soon */
	STEP_OVER   /* see the outcome */
};

struct outcome {
	enum s3_trouble trouble;
	char why[S3_WHY_SIZE]; /* for an operator, if there is trouble */
	int64_t retry_after;   /* seconds that the server asks for, or 0 */
};

#endif
