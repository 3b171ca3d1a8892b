/* SPDX-License-Identifier: MIT */
/* What others need to know about notifications. */
#ifndef MARU_NOTIFICATIONS_H
#define MARU_NOTIFICATIONS_H

#include "req.h"

/* The asker has read a room up to a message: what told of one up to there is read, too. Outside of
 * a transaction; begins one only if there is something, and leaves it open. */
enum err notifications_pass(struct req *r, uint64_t room, uint64_t message);

#endif
