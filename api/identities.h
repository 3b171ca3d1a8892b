/* SPDX-License-Identifier: MIT */
/* Accounts as OpenID providers know them. */
#ifndef MARU_IDENTITIES_H
#define MARU_IDENTITIES_H

#include "req.h"

/* The account of an identity, within a transaction; a new one, with this nickname, if there is
 * none. ERR_RETRY if somebody else has just made it. */
enum err identities_account(
    struct req *r, const char *provider, const char *subject, const char *nickname, uint64_t *user);

/* Gives the identity to an account, within a transaction. ERR_CONFLICT if it is another account's,
 * or the account has another one of this provider. */
enum err identities_link(struct req *r, const char *provider, const char *subject, uint64_t user);

#endif
