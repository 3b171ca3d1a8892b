/* SPDX-License-Identifier: MIT */
/* The people who run this server (user.role). */
#ifndef MARU_ADMINS_H
#define MARU_ADMINS_H

#include "req.h"

/* ERR_FORBIDDEN unless the asker is an admin. */
enum err admins_require(struct req *r);

#endif
