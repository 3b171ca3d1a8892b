/* SPDX-License-Identifier: MIT */
/* What others need to know about uploads in pieces. */
#ifndef MARU_UPLOADS_H
#define MARU_UPLOADS_H

#include "req.h"

/* Adds what tus wants to be told by OPTIONS at its addresses; elsewhere nothing. */
void uploads_options(struct req *r);

#endif
