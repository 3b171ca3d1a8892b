/* SPDX-License-Identifier: MIT */
/* Who listens to what: channels, their subscribers, and which connections are one person's.
 *
 * The hub does no I/O. It calls conn_send(), which queues, and turn_end(), which only marks; so no
 * call here ever frees a connection, and publishing to one may be done from anywhere. Whoever
 * decides that a subscription is allowed does so before (grant.h).
 */
#ifndef MARU_HUB_H
#define MARU_HUB_H

#include "revoked.h"
#include "sub.h"

struct follow_terms;
struct user;

struct hub {
	const struct conf *conf;
	struct channel *channels; /* by name */
	struct user *users;       /* by id */
	struct revoked revoked;
	bool quiet; /* everybody is being removed: nobody is told who */
};

/* What a presence channel tells about a subscriber: JSON values; info may be empty. */
struct who {
	struct str id; /* plain text */
	struct str info;
};

void hub_init(struct hub *h, const struct conf *conf);
void hub_finish(struct hub *h); /* every connection must have left */

struct str hub_name(const struct channel *ch);

/* The subscription of a connection to a channel, or NULL. */
struct sub *hub_find(struct hub *h, const struct conn *c, struct str channel);

/* Subscribes, and on a presence channel (who not NULL) tells the others. A channel of ours confirms
 * it as soon as the terms are met (follow.h), any other at once. The connection must not be
 * subscribed yet. */
void hub_join(struct hub *h, struct conn *c, struct str channel, const struct who *who,
    const struct follow_terms *t);

/* What a subscriber of a stream is told. */
struct hub_confirmed {
	struct msg_place place; /* the stream's last event; mid 0: not known */
	struct msg_place at;    /* the last one that it has, or need not have */
	bool resumed, recovered;
};

/* Sends subscription_succeeded; NULL for a channel without a stream. */
void hub_confirm(const struct sub *s, const struct hub_confirmed *how);

/* Tells a client that it may not subscribe. why: one sentence without quotes. */
void hub_deny(struct conn *c, struct str channel, const char *why);

/* The same for a subscription that was not confirmed yet, and ends it. */
void hub_refuse(struct hub *h, struct sub *s, const char *why);

/* The same without a word: clients do not ask for this one. */
void hub_add(struct hub *h, struct conn *c, struct str channel);

/* Leaves on purpose. */
void hub_part(struct hub *h, struct sub *s);

/* Whether somebody is connected. */
bool hub_is_here(struct hub *h, uint64_t user);

/* How many people are connected. */
unsigned hub_count_users(const struct hub *h);

/* Ends all that a connection has in the hub, which it may come back for. May be called twice. */
void hub_leave(struct hub *h, struct conn *c);

/* Remembers whose connection this is, after the first claim told it. One too many is closed. */
void hub_identify(struct hub *h, struct conn *c, uint64_t user, uint64_t session);

/* Sends a message to all confirmed subscribers but one (NULL: to all). */
void hub_send(struct channel *ch, struct msg *m, const struct conn *except);

/* The same for what a user does, whom nobody hears who blocks that user. */
void hub_send_by(struct channel *ch, struct msg *m, uint64_t user);

/* The event seq removed this person (WIRE_EVERYBODY: all) from a stream's channel: who subscribed
 * before it is no longer subscribed, and claims signed before it no longer help. */
void hub_remove(struct hub *h, struct channel *ch, uint64_t user, uint64_t seq);

/* The same for a channel without a stream, where seq is any number that claims have as their head.
 */
void hub_revoke(struct hub *h, struct str channel, uint64_t user, uint64_t seq);

/* Closes the connections of a session, for good. */
void hub_end_session(struct hub *h, uint64_t user, uint64_t session);

/* The person blocks another (on) since a seq of the own stream, or no longer does: so do all of the
 * connections, and claims from before do not help. */
void hub_block(struct hub *h, uint64_t user, uint64_t other, bool on, uint64_t at);

/* What an event of the system's stream wants, see wire.h: one of these two. */
void hub_obey(struct hub *h, uint64_t user, uint64_t session, uint64_t sender);

/* Closes the connections of whoever signed in as this, or is our user of this number. */
void hub_cut(struct hub *h, struct str id, unsigned code);

/* For follow.c: the channel of a name, or NULL; the same, made if it is missing; its end. */
struct channel *hub_channel(struct hub *h, struct str name);
struct channel *hub_obtain(struct hub *h, struct str name);
void hub_drop(struct hub *h, struct channel *ch);

/* Drops a channel that nobody needs any more. */
void hub_tidy(struct hub *h, struct channel *ch);

#endif
