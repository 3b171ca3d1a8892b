/* SPDX-License-Identifier: MIT */
/* See bottokens.h. */
#include "bottokens.h"

#include "sessions.h"
#include "shared/crypt.h"
#include "sql.h"

#define PREFIX      "maru_"
#define TOKEN_BYTES 32

bool
bottokens_read(struct req *r, const char *token)
{
	char *hash;

	if (strncmp(token, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	hash = arena_alloc(&r->mem, CRYPT_HASH);
	crypt_sha256(str_of(token), (unsigned char *)hash);
	r->bot = true;
	r->bot_key = (struct str){hash, CRYPT_HASH};
	return true;
}

enum err
bottokens_find(struct req *r)
{
	json_t *row;
	enum err e = sql_bot_session(r, r->bot_key, &row);

	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : e;
	r->user = row_id(row, "user");
	r->session = row_id(row, "id");
	return OK;
}

enum err
bottokens_issue(struct req *r, uint64_t bot, const char **token)
{
	unsigned char secret[TOKEN_BYTES], hash[CRYPT_HASH];
	char text[CRYPT_B64_SIZE(TOKEN_BYTES)];

	crypt_random(secret, sizeof(secret));
	crypt_b64(secret, sizeof(secret), text);
	*token = arena_printf(&r->mem, PREFIX "%s", text);
	crypt_sha256(str_of(*token), hash);
	TRY(sessions_end_of(r, bot));
	return sql_bot_session_insert(r, bot, (struct str){(char *)hash, sizeof(hash)}, NULL);
}
