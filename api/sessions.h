/* SPDX-License-Identifier: MIT */
/* Who is asking. */
#ifndef MARU_SESSIONS_H
#define MARU_SESSIONS_H

#include "req.h"

/* Reads the access token (Bearer, else the cookie) and sets r->user and r->session; of a bot's
 * token only r->bot and r->bot_key (bottokens.h). No SQL. */
enum err sessions_identify(struct req *r);

/* Makes sure that the session of the token still lives; sets r->guest. */
enum err sessions_require(struct req *r);

/* Counts the attempt, for the account and for the network, and checks an account's password; gives
 * its row (id, password as stored). ERR_BAD_LOGIN if there is no such account or the password is
 * wrong. Takes long, so call it outside a transaction. */
enum err sessions_check_password(
    struct req *r, const char *name, const char *password, json_t **account);

/* Makes a session of an account whose owner has shown who it is, within a transaction, and gives it
 * to the browser as cookies. ERR_DISABLED if the account is closed. */
enum err sessions_open(struct req *r, uint64_t user);

/* The same for one who was just made, and answers with the tokens: 201. */
enum err sessions_welcome(struct req *r, uint64_t user);

/* Ends all sessions of the asker but the asking one. The account's row must be locked for writing,
 * so that no other is made meanwhile. */
enum err sessions_end_others(struct req *r);

/* Ends all sessions of an account, whose row must be locked likewise. */
enum err sessions_end_of(struct req *r, uint64_t user);

/* Has the browser drop its cookies. */
void sessions_forget(struct req *r);

#endif
