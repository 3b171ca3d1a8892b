/* SPDX-License-Identifier: MIT */
/* What is published to a channel by an application, its clients, or ourselves: everything that is
 * no event of a stream (follow.h). Cache channels keep the last text of the application (cache.h).
 */
#ifndef MARU_PUBLISH_H
#define MARU_PUBLISH_H

#include "hub.h"

/* Sends a text of the application to all confirmed subscribers but one (NULL: to all). */
void publish_text(struct hub *h, struct str channel, struct str text, const struct conn *except);

/* The same for one that may be lost (conn_signal()). except: a socket_id, first << 32 | second. */
void publish_signal(struct hub *h, struct str channel, struct str text, uint64_t except);

/* As hub_send() for a message that may be lost, see conn_hint(). user: who does it, whom not
 * everybody hears (blocked.h); 0: nobody. */
void publish_hint(
    struct channel *ch, struct msg *m, const struct conn *except, uint64_t user, uint32_t key);

/* A hint of ours for all; a later one makes it void. Drops the caller's reference. */
void publish_tell(struct channel *ch, struct msg *m);

#endif
