/* SPDX-License-Identifier: MIT */
/* What an answer of an object store means, and how an operator is told: without sockets.
 */
#ifndef MARU_S3FAULT_H
#define MARU_S3FAULT_H

#include "s3.h"

/* How a call ended that has no whole answer. */
enum s3_silence {
	S3_ANSWERED,
	S3_NO_NAME,
	S3_NO_CONNECTION,
	S3_NOT_TRUSTED,
	S3_NO_TLS,
	S3_TOO_SLOW,
	S3_CUT_OFF,
	S3_NO_FILE, /* ours could not be read */
};

/* Sets c->trouble and c->why by the status, the text and c->error, which says more about silence.
 * place: where a redirect points to, a header of the server's. */
void s3fault_judge(struct s3_call *c, enum s3_silence silence, const char *place);

/* Copies the text of the first <name> in XML, entities undone; false: there is none, or it does
 * not fit. */
bool s3fault_element(struct str xml, const char *name, char *out, size_t size);

#endif
