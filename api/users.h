/* SPDX-License-Identifier: MIT */
/* What others need to know about users. */
#ifndef MARU_USERS_H
#define MARU_USERS_H

#include <stdbool.h>

/* What account names consist of. */
#define USERS_NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

/* Whether bytes that came in a header or a path are valid UTF-8 and may be stored as text. */
bool users_is_text(const char *s);

#endif
