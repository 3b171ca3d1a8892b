/* SPDX-License-Identifier: MIT */
/* The e-mail address of an account. */
#ifndef MARU_EMAILS_H
#define MARU_EMAILS_H

#include "stream.h"

/* Sets (NULL: removes) the asker's address, at a position of the user's stream, and tells the own
 * windows; rows is 0 if it is that already. ERR_EMAIL_TAKEN if it is somebody else's. */
enum err emails_set(struct req *r, const struct stream_pos *at, const char *email, uint64_t *rows);

#endif
