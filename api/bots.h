/* SPDX-License-Identifier: MIT */
/* What others need to know about bots. */
#ifndef MARU_BOTS_H
#define MARU_BOTS_H

#include "req.h"

/* Makes a bot's account, within a transaction; owner 0: it belongs to Maru itself, and nobody sees
 * it among their bots. Without a token. ERR_NAME_TAKEN, ERR_NICKNAME_TAKEN. */
enum err bots_add(
    struct req *r, uint64_t owner, const char *name, const char *nickname, uint64_t *bot);

/* Makes the tokens of all bots of an account worthless, whose row is held for writing: it is closed
 * or erased. */
enum err bots_silence(struct req *r, uint64_t owner);

#endif
