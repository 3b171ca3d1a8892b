/* SPDX-License-Identifier: MIT */
/* The name of a websocket, as maru-push gives it out and backends send it along: "123.456". */
#ifndef MARU_SOCKETID_H
#define MARU_SOCKETID_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the text is "<digits>.<digits>". */
bool socketid_ok(const char *text);

/* The same socket as a packet names it (wire.h: the first number << 32 | the second); 0 if it is
 * none of ours. */
uint64_t socketid_number(const char *text);

#endif
