/* SPDX-License-Identifier: MIT */
/* Questions to the bucket that end, whether it answers or not: in seconds, and after a few tries.
 *
 * The first trouble that is not a single object's is said on stderr, and nothing is asked after it.
 */
#ifndef MARU_BUCKET_H
#define MARU_BUCKET_H

#include "shared/s3.h"

struct bucket;
struct files;

/* An object of the bucket, whoever put it there. */
struct bucket_object {
	char key[S3_KEY_SIZE];
	int64_t at; /* wall time of its last change, or 0 */
};

/* NULL: it does not work, which was said. */
struct bucket *bucket_open(struct files *f);
void bucket_close(struct bucket *b); /* accepts NULL */

/* bytes: of the object, or -1 if there is none. */
typedef void bucket_answer(void *arg, int64_t bytes);

/* Asks for an object by what its file is called. The answer comes during this call or a later one;
 * some questions are under way at the same time. False: the bucket does not work. */
bool bucket_ask(struct bucket *b, const char *name, bucket_answer *answer, void *arg);

/* Returns when all answers have come. False: the bucket does not work. */
bool bucket_wait(struct bucket *b);

/* The next object of all that the settings name, in the order of their keys. False: there is none,
 * or the bucket does not work. */
bool bucket_next(struct bucket *b, struct bucket_object *out);

/* What the object of a file is called. */
void bucket_key(const struct bucket *b, const char *name, char out[S3_KEY_SIZE]);

/* The name of the file that an object is of, within key; NULL: it is none of ours. */
const char *bucket_name(const struct bucket *b, const char *key);

#endif
