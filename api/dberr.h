/* SPDX-License-Identifier: MIT */
/* What MariaDB's error numbers mean to us, in one place. */
#ifndef MARU_DBERR_H
#define MARU_DBERR_H

#include "shared/err.h"

#include <stdbool.h>

/* The connection was found dead when the statement was to be sent: it did not run. */
#define DBERR_GONE 2006

/* The error of ours for one of MariaDB's (server or client library). */
enum err dberr_map(unsigned code);

/* Whether the connection is of no more use after it. */
bool dberr_is_lost(unsigned code);

#endif
