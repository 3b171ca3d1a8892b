/* SPDX-License-Identifier: MIT */
/* What others need to know about reminders. */
#ifndef MARU_REMINDERS_H
#define MARU_REMINDERS_H

#include "req.h"

struct reminder {
	const char *client_id;
	uint64_t room; /* where it was asked for */
	const char *text;
	int64_t due; /* milliseconds since 1970 */
};

/* Stores a reminder of the asker, in a transaction of its own, and gives the row. The same
 * client_id again: the row of the first time. ERR_LIMIT. */
enum err reminders_add(struct req *r, const struct reminder *in, json_t **row);

/* Reminds somebody whose time has come; true: there may be more. The feeder calls it. */
bool reminders_step(struct req *r);

#endif
