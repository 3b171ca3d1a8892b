/* SPDX-License-Identifier: MIT */
/* What happens around every handler, once and in one place: route, origin, login, transaction, the
 * problem document, the packets to push after COMMIT, the access log. */
#ifndef MARU_SERVE_H
#define MARU_SERVE_H

#include "req.h"

/* Serves the request that fcgi_next() put into r, and answers it. */
void serve(struct req *r);

/* Answers a request that did not come over the network, as r->user, who needs no session
 * (maructl). The answer, or the problem document, is in r->answer. */
enum err serve_local(struct req *r);

#endif
