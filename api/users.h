/* SPDX-License-Identifier: MIT */
/* What others need to know about users. */
#ifndef MARU_USERS_H
#define MARU_USERS_H

#include "req.h"
#include "shared/crypt.h"

/* What account names consist of. */
#define USERS_NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

/* What is stored for an account that no password opens. */
#define USERS_NO_PASSWORD "!"

/* The same rules where one is made and where it is asked for (field.h). */
#define USERS_NAME_FIELD(type, flags)     NAME_FIELD(type, name, 3, 20, USERS_NAME_LETTERS, flags)
#define USERS_NICKNAME_FIELD(type, flags) TEXT_FIELD(type, nickname, 1, 30, (flags) | FIELD_LINE)

/* ERR_NICKNAME_TAKEN if somebody else than the user (0: anybody) has this nickname and the setting
 * unique_nicknames wants each to be the only one. In a transaction, before anything else: it keeps
 * others from taking it. */
enum err users_take_nickname(struct req *r, uint64_t user, const char *nickname);

#define USERS_PASSWORD_MIN 8 /* bytes */

/* Whether an account of this name may be made now, and its password as it is to be stored:
 * ERR_NAME_TAKEN, ERR_THROTTLED (by network, as signing up is). Takes long, so call it outside of a
 * transaction. */
enum err users_prepare(
    struct req *r, const char *name, const char *password, char stored[CRYPT_STORED_SIZE]);

/* Makes an account, within a transaction. ERR_NAME_TAKEN if there is one of this name. */
enum err users_add(
    struct req *r, const char *name, const char *nickname, const char *stored, uint64_t *id);

/* What can be changed of a profile; NULL: not given. */
struct users_profile {
	const char *nickname;
	const char *status_message;
	const char *avatar;
};

/* Reads the body of a change. */
enum err users_read_profile(struct req *r, uint64_t user, struct users_profile *in);

/* Makes the change, of the asker or of a bot that the asker may change, and tells whoever sees it.
 * Nothing happens where nothing differs. */
enum err users_change_profile(struct req *r, uint64_t user, const struct users_profile *in);

/* Whether bytes that came in a header or a path are valid UTF-8 and may be stored as text. */
bool users_is_text(const char *s);

#endif
