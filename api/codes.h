/* SPDX-License-Identifier: MIT */
/* Codes of six digits that are sent to an address, for one purpose of one account.
 *
 * What is stored can't be turned back: a million codes are tried in a second, so the hash is keyed
 * with token_secret. A code is good for ten minutes, five tries and one use; a new one replaces it.
 */
#ifndef MARU_CODES_H
#define MARU_CODES_H

#include "req.h"

#define CODES_SIZE    7 /* with NUL */
#define CODES_SECONDS 600

/* Counts a letter to this address: ERR_THROTTLED beyond mail_attempts. user 0: of nobody known. */
enum err codes_throttle(struct req *r, uint64_t user, const char *email);

/* Makes a code, in place of an earlier one; purpose: "verify" or "reset". */
enum err codes_make(
    struct req *r, const char *purpose, uint64_t user, const char *email, char out[CODES_SIZE]);

/* Tries a code: ERR_BAD_CODE if it is not good, whatever the reason. Gives the address that it was
 * sent to. Call outside a transaction: a rollback must not forget the try. */
enum err codes_try(
    struct req *r, const char *purpose, uint64_t user, const char *code, const char **email);

/* Uses a code that was good when tried; ERR_BAD_CODE if somebody else has. */
enum err codes_use(
    struct req *r, const char *purpose, uint64_t user, const char *email, const char *code);

/* The letter with a code, in the language of the account. */
const char *codes_letter(
    struct req *r, const char *purpose, const char *email, const char *locale, const char *code);

#endif
