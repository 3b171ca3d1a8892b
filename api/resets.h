/* SPDX-License-Identifier: MIT */
#ifndef MARU_RESETS_H
#define MARU_RESETS_H

#include "req.h"

/* For the mailer: writes the letter that a row of the table mail asks for with its empty body, or
 * deletes the row if the address is nobody's. */
enum err resets_write(struct req *r, uint64_t letter, const char *address);

#endif
