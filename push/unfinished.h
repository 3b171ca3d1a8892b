/* SPDX-License-Identifier: MIT */
/* Multipart uploads that were begun and never ended, by a maru-push that was killed: their parts
 * cost money and nobody sees them. Whoever begins one, or deletes an object, first ends the old.
 */
#ifndef MARU_UNFINISHED_H
#define MARU_UNFINISHED_H

#include "job.h"

#define UNFINISHED_ID_SIZE 1024

struct unfinished {
	struct s3 *s3;
	struct s3_call *call; /* free for our use */
	const char *key;
	unsigned rounds;
	bool aborting;
};

/* Asks for those of this object. */
void unfinished_begin(struct unfinished *u, struct s3 *s3, struct s3_call *call, const char *key);

/* STEP_OVER: none is left, or the server does not tell; or there is trouble, see the call. */
enum step unfinished_step(struct unfinished *u);

/* Tells the server to forget the parts of one. */
void unfinished_abort(struct s3 *s3, struct s3_call *call, const char *key, const char *id);

/* Finds one of this object in a list of multipart uploads; "" in id: there is none. */
void unfinished_find(struct str xml, const char *key, char id[UNFINISHED_ID_SIZE]);

#endif
