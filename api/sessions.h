/* SPDX-License-Identifier: MIT */
/* Who is asking. */
#ifndef MARU_SESSIONS_H
#define MARU_SESSIONS_H

#include "req.h"

/* Reads the access token (Bearer, else the cookie) and sets r->user and r->session. No SQL. */
enum err sessions_identify(struct req *r);

/* Makes sure that the session of the token still lives. */
enum err sessions_require(struct req *r);

#endif
