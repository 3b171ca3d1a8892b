/* SPDX-License-Identifier: MIT */
/* One file on its way into the bucket: its checksums, a PUT, or a multipart upload of parts of 8 MB
 * if it has more than 16 MB; then the bucket is asked what it has, and only if that is the same,
 * byte for byte as far as checksums can tell, the local file goes.
 */
#ifndef MARU_UPLOAD_H
#define MARU_UPLOAD_H

#include "job.h"

struct spool;
struct upload;

/* Begins with a file of ready/. NULL: it is not there any more. */
struct upload *upload_create(struct s3 *s3, const struct spool *spool, const char *name);

enum step upload_step(struct upload *u);

/* After STEP_OVER. S3_FINE: the bucket has it and the local file is gone. */
const struct outcome *upload_outcome(const struct upload *u);

/* Gives it up if it is not over; the local file stays. */
void upload_destroy(struct upload *u);

#endif
