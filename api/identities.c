/* SPDX-License-Identifier: MIT */
/* /v1/users/me/identities: the OpenID providers by which the own account can be entered. */
#include "identities.h"

#include "route.h"
#include "shared/crypt.h"
#include "sql.h"
#include "users.h"

enum err
identities_account(
    struct req *r, const char *provider, const char *subject, const char *nickname, uint64_t *user)
{
	unsigned char random[8];
	char name[2 + 2 * sizeof(random) + 1] = "o-";
	json_t *row;
	enum err e = sql_identity_get(r, provider, subject, &row);

	if (e == OK)
		*user = row_id(row, "user");
	if (e != ERR_NOT_FOUND)
		return e;
	crypt_random(random, sizeof(random));
	crypt_hex(random, sizeof(random), name + 2);
	e = users_add(r, name, nickname[0] == '\0' ? name : nickname, USERS_NO_PASSWORD, user);
	if (e == ERR_NICKNAME_TAKEN) /* they did not choose it here, and can't choose another one */
		e = users_add(r, name, name, USERS_NO_PASSWORD, user);
	TRY(e);
	e = sql_identity_insert(r, provider, subject, *user, NULL);
	return e == ERR_CONFLICT ? ERR_RETRY : e;
}

/* The row of a provider in a list; NULL if it is not there. */
static const json_t *
find(const json_t *rows, const char *provider)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (strcmp(row_text(row, "provider"), provider) == 0)
			return row;
	}
	return NULL;
}

enum err
identities_link(struct req *r, const char *provider, const char *subject, uint64_t user)
{
	json_t *row, *rows;
	enum err e;

	TRY(sql_identities_hold(r, user, &row));
	e = sql_identity_get(r, provider, subject, &row);
	if (e == OK)
		return row_id(row, "user") == user ? OK : ERR_CONFLICT;
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(sql_identities_list(r, user, &rows));
	return find(rows, provider) != NULL ? ERR_CONFLICT
					    : sql_identity_insert(r, provider, subject, user, NULL);
}

/* The own identities: 200 with their providers. */
enum err
identities_list(struct req *r)
{
	json_t *rows;

	TRY(sql_identities_list(r, r->user, &rows));
	return req_reply(r, 200, json_pack("{s:O}", "identities", rows));
}

/* Removes an identity: 204. The last way into the account stays. */
enum err
identities_remove(struct req *r)
{
	const char *provider = req_text(r, "provider");
	json_t *row, *rows;

	if (!users_is_text(provider) || provider[strspn(provider, USERS_NAME_LETTERS)] != '\0')
		return ERR_NOT_FOUND;
	TRY(sql_identities_hold(r, r->user, &row));
	TRY(sql_identities_list(r, r->user, &rows));
	if (find(rows, provider) == NULL)
		return ERR_NOT_FOUND;
	if (row_id(row, "has_password") == 0 && json_array_size(rows) == 1)
		return req_fail(r, ERR_FORBIDDEN, "the account can't be entered otherwise");
	TRY(sql_identity_delete(r, r->user, provider, NULL));
	return req_reply(r, 204, NULL);
}
