/* SPDX-License-Identifier: MIT */
/* Sending a message, the hot path: one round trip to the database (message_send in schema.sql),
 * then one packet to push with the very bytes that every client will receive.
 *
 * It commits by itself, so it can't stand in a transaction of others: call it outside of one, with
 * a client_id that makes a repetition harmless.
 */
#ifndef MARU_SEND_H
#define MARU_SEND_H

#include "stream.h"

#define SEND_BODY_MAX      4000 /* characters */
#define SEND_CLIENT_ID_MAX 64   /* bytes */

struct send {
	const char *client_id;
	const char *body;     /* what is in it is found (compose.h) */
	bool markdown;        /* and how it looks */
	bool verbatim;        /* no: entities are given, and nobody is mentioned */
	uint64_t reply_to;    /* 0: to none */
	uint64_t thread;      /* 0: in none */
	const char *type;     /* NULL: a text */
	const char *content;  /* JSON as text of what belongs to the type, or NULL */
	const char *entities; /* JSON as text; not verbatim, send_message() sets it in its copy */
	const char *mentions;
	const char *files; /* a JSON array of their ids, which stand in content; or NULL */
};

/* Sends as r->user. Session 0: as maru-api itself, on behalf of that person, who need not be logged
 * in. *at is where the message stands, *message the JSON that everybody gets, in the request's
 * memory. The same client_id, body and content again: the same result, and nobody is told twice.
 * ERR_UNAUTHENTICATED, ERR_NOT_MEMBER, ERR_NOT_FOUND, ERR_MUTED, ERR_SLOW_MODE, ERR_NOT_SENDABLE,
 * ERR_REFUSED_WORD, ERR_CLIENT_ID_REUSED, ERR_INVALID (reply_to, thread, attachments). */
enum err send_message(
    struct req *r, uint64_t room, const struct send *m, struct stream_pos *at, struct str *message);

/* The same, and answers with it: 201. */
enum err send_reply(struct req *r, uint64_t room, const struct send *m);

#endif
