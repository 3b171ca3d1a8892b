/* SPDX-License-Identifier: MIT */
/* Backends of the application: whoever signs with app_secret. */
#ifndef MARU_APPS_H
#define MARU_APPS_H

#include "req.h"

/* Checks that the path names our application and that the request is signed: ERR_NOT_FOUND,
 * ERR_BAD_SIGNATURE with the reason. */
enum err apps_identify(struct req *r);

#endif
