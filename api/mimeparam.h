/* SPDX-License-Identifier: MIT */
/* The parameters of MIME headers: Content-Type and Content-Disposition. */
#ifndef MARU_MIMEPARAM_H
#define MARU_MIMEPARAM_H

#include "shared/arena.h"
#include "shared/buf.h"

#include <stdbool.h>

/* Takes the value in front of the parameters off *text, "form-data" of "form-data; name=x": without
 * blanks, in the arena. */
const char *mimeparam_value(struct arena *mem, struct str *text);

/* Takes the next "; name=value" off *text: the name in lower case, the value without its quotes, in
 * the arena. False at the end; *text is empty then, unless there is something that is no parameter.
 *
 * Within quotes \" and \\ stand for the second of them (RFC 9110, 5.6.4). But browsers don't escape
 * a backslash, so before the last quote of the header it is one: filename="C:\". */
bool mimeparam_next(struct arena *mem, struct str *text, const char **name, const char **value);

#endif
