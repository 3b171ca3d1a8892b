/* SPDX-License-Identifier: MIT */
/* What clients say: the frames of the Pusher Channels protocol, version 7.
 *
 * ws.c calls this with whole text messages. Everything in them is hostile until checked. Answers go
 * into the connection's queue; nothing here touches a socket.
 */
#ifndef MARU_CLIENT_H
#define MARU_CLIENT_H

#include "hub.h"

#define CLIENT_EVENTS_PER_SECOND 10  /* client-* events that one connection may relay */
#define CLIENT_ACTIVITY_TIMEOUT  120 /* seconds after which a silent client pings us */

/* Greets a new connection with its socket_id. */
void client_open(struct conn *c);

/* Takes one message. */
void client_receive(struct hub *h, struct conn *c, struct str text);

/* Takes several, each ended by a NUL. */
void client_receive_all(struct hub *h, struct conn *c, struct str texts);

#endif
