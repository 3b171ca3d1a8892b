/* SPDX-License-Identifier: MIT */
/* What others need to know about notifications. */
#ifndef MARU_NOTIFICATIONS_H
#define MARU_NOTIFICATIONS_H

#include "notify.h"

/* The asker has read a room up to a message: what told of one up to there is read, too. Outside of
 * a transaction; begins one only if there is something, and leaves it open. */
enum err notifications_pass(struct req *r, uint64_t room, uint64_t message);

/* Tells somebody of the notification that stands at this place of their stream. */
enum err notifications_announce(struct req *r, const struct stream_pos *at);

/* What this row (id) told of is no more. */
enum err notifications_take_back(struct req *r, uint64_t user, const json_t *row);

/* Somebody (rung: {user, rung_by}, whose stream is held) has missed a call by this event of its
 * room, unless they want no word of it. In the transaction that makes it so; of a call that they
 * missed before only the last time counts. */
enum err notifications_miss(struct req *r, const json_t *call, const json_t *rung, uint64_t event);

#endif
