/* SPDX-License-Identifier: MIT */
/* Who listens to what: channels, their subscribers, and which connections are one person's.
 *
 * The hub does no I/O. It calls conn_send(), which queues, and ws_close(), which only marks; so no
 * call here ever frees a connection, and publishing to one may be done from anywhere. Whoever
 * decides that a subscription is allowed does so before (grant.h).
 */
#ifndef MARU_HUB_H
#define MARU_HUB_H

#include "conn.h"
#include "revoked.h"
#include "table.h"

#define HUB_DISMISSED 4009 /* close code after a CUT: Pusher's clients do not reconnect */

struct member;

/* One connection in one channel; in the channel's array and in the connection's list. */
struct sub {
	struct channel *channel;
	struct conn *conn;
	struct member *member; /* of a presence channel */
	struct sub *next;
	uint32_t place; /* in channel->subs, so that leaving costs the same in any room */
};

/* Exists while anybody is subscribed. */
struct channel {
	UT_hash_handle hh;
	struct sub **subs;
	uint32_t count, size;
	struct member *members; /* of a presence channel, by user_id */
	uint32_t name_len;
	char name[];
};

struct user;

struct hub {
	const struct conf *conf;
	struct channel *channels; /* by name */
	struct user *users;       /* by id */
	struct revoked revoked;
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

/* Subscribes and confirms it to the client; on a presence channel (who not NULL) tells the others.
 * The connection must not be subscribed yet. */
void hub_join(struct hub *h, struct conn *c, struct str channel, const struct who *who);

void hub_part(struct hub *h, struct sub *s);

/* Ends all that a connection has in the hub. May be called twice. */
void hub_leave(struct hub *h, struct conn *c);

/* Remembers whose connection this is, after the first claim told it. */
void hub_identify(struct hub *h, struct conn *c, uint64_t user, uint64_t session);

/* Sends one text to all subscribers but one (NULL: to all). */
void hub_publish(struct hub *h, struct str channel, struct str text, const struct conn *except);
void hub_send(struct channel *ch, struct msg *m, const struct conn *except);

/* This person is no longer subscribed there, and claims signed up to that time no longer help. */
void hub_revoke(struct hub *h, uint64_t user, struct str channel, int64_t time);

/* Closes the connections of a session; of all sessions of the user where session is 0. Naming the
 * user as well saves a walk over everybody. */
void hub_cut(struct hub *h, uint64_t user, uint64_t session, int64_t time);

#endif
