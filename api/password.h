/* SPDX-License-Identifier: MIT */
/* Hashing passwords takes 40 ms and 19 MB each, so no more run at once than there are cores: a
 * flood of logins must not starve the chat. */
#ifndef MARU_PASSWORD_H
#define MARU_PASSWORD_H

#include "req.h"
#include "shared/crypt.h"

/* Prepares the places (parent, before fork). False with errno. */
bool password_init(void);

/* The hash to store. ERR_UNAVAILABLE if no place came free in time. */
enum err password_hash(struct req *r, const char *password, char out[CRYPT_STORED_SIZE]);

/* ERR_BAD_LOGIN if it is wrong; stored may be NULL (there is nobody): the answer takes as long. */
enum err password_verify(struct req *r, const char *stored, const char *password);

#endif
