/* SPDX-License-Identifier: MIT */
/* What happens around every handler, once and in one place: route, origin, login, transaction, the
 * problem document, the packets to push after COMMIT, the access log. */
#ifndef MARU_SERVE_H
#define MARU_SERVE_H

#include "req.h"

/* Serves the request that fcgi_next() put into r, and answers it. */
void serve(struct req *r);

#endif
