/* SPDX-License-Identifier: MIT */
/* One object on its way out: its local files, all its sizes in the bucket, what was begun of it;
 * then the marker in gone/ that asked for it.
 */
#ifndef MARU_ERASE_H
#define MARU_ERASE_H

#include "job.h"

struct erase;
struct spool;

/* Begins with the marker of this object. No upload of it may be under way. */
struct erase *erase_create(struct s3 *s3, const struct spool *spool, const char *object);

enum step erase_step(struct erase *e);

/* After STEP_OVER. S3_FINE: nothing is left of it. */
const struct outcome *erase_outcome(const struct erase *e);

/* Gives it up if it is not over; the marker stays. */
void erase_destroy(struct erase *e);

#endif
