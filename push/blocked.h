/* SPDX-License-Identifier: MIT */
/* Whom a connection's person hears nothing of.
 *
 * The list comes with the claims for rooms (channel_data), each change after that as an event of
 * the system's stream. Events about a message of somebody in it are replaced by one that says only
 * that there is such a message; in the presence of a room these people are not there. Almost
 * nobody has a list: c->blocked is NULL then, and that is all that is looked at.
 */
#ifndef MARU_BLOCKED_H
#define MARU_BLOCKED_H

#include "stream.h"
#include "sub.h"

#include <jansson.h>

/* Takes the list of a claim: {"at", "ids"}, any JSON or NULL. An older one than the connection has
 * changes nothing. */
void blocked_take(struct conn *c, const json_t *blocks);

/* The seq of the person's own stream from which such a list is; 0 if it does not say. */
uint64_t blocked_at(const json_t *blocks);

/* The person blocks somebody (on), or no longer does. Changes come in their order and none is left
 * out: if a claim knew some of them already, the list is right again after the last one. */
void blocked_change(struct conn *c, uint64_t other, bool on);

/* Whether a list that is not NULL has this person. */
bool blocked_has(const struct conn *c, uint64_t user);

/* The placeholder of an event about a message of `sender`, made once for all who need it. The
 * reference stays the event's. */
struct msg *blocked_veil(struct msg *m, uint64_t sender);

/* What a subscriber is sent of an event: who has come to a room after a message was said does not
 * read it when it is changed. */
static inline struct msg *
blocked_view(const struct sub *s, const struct stream_event *e)
{
	const struct conn *c = s->conn;

	if ((c->blocked != NULL && e->sender != 0 && blocked_has(c, e->sender)) ||
	    (e->session != 0 && e->session <= s->from))
		return blocked_veil(e->msg, e->sender);
	return e->msg;
}

/* Whether a subscriber of a room does not notice what this person does. */
static inline bool
blocked_hides(const struct sub *s, uint64_t user)
{
	return s->conn->blocked != NULL && s->channel->follow != NULL && blocked_has(s->conn, user);
}

#endif
