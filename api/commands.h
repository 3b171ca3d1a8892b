/* SPDX-License-Identifier: MIT */
/* What others need to know about commands. */
#ifndef MARU_COMMANDS_H
#define MARU_COMMANDS_H

#include "req.h"

/* Whether this many bytes can be a command's name: 1 to 32 of a-z, 0-9, _ and -. */
bool commands_is_name(const char *s, size_t n);

/* Whether it is the name of a command of Maru itself, which no bot can have. */
bool commands_is_ours(const char *name);

#endif
