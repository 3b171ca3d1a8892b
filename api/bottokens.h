/* SPDX-License-Identifier: MIT */
/* The tokens of bots: "maru_" and 32 random bytes as base64url. A bot has one, which does not end,
 * and one row in `session` that it is found by: whatever ends sessions ends the token, too. Only
 * its SHA-256 is stored.
 */
#ifndef MARU_BOTTOKENS_H
#define MARU_BOTTOKENS_H

#include "req.h"

/* Whether a token is a bot's; notes then in the request that a bot asks, and what it is found by.
 */
bool bottokens_read(struct req *r, const char *token);

/* Finds the bot that asks: sets r->user and r->session. ERR_UNAUTHENTICATED if the token is none,
 * or none any more. */
enum err bottokens_find(struct req *r);

/* Gives a bot, whose row is held for writing, a new token, as text in the request's memory; the one
 * before is dead, its connections are cut. */
enum err bottokens_issue(struct req *r, uint64_t bot, const char **token);

#endif
