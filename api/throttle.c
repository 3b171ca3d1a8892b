/* SPDX-License-Identifier: MIT */
#include "throttle.h"

#include "shared/crypt.h"
#include "sql.h"

#include <arpa/inet.h>

enum err
throttle_take(struct req *r, const char *name, int64_t limit, int64_t window)
{
	json_t *row;

	enum err e;

	TRY(sql_throttle_hit(r, name, window, NULL));
	e = sql_throttle_get(r, name, &row);
	if (e == ERR_NOT_FOUND)
		return OK; /* somebody who was right has just cleared it */
	TRY(e);
	if ((int64_t)row_id(row, "hits") <= limit)
		return OK;
	r->retry_after = (unsigned)row_id(row, "wait") + 1;
	return ERR_THROTTLED;
}

enum err
throttle_clear(struct req *r, const char *name)
{
	return sql_throttle_delete(r, name, NULL);
}

const char *
throttle_network(struct req *r)
{
	unsigned char bytes[16];
	char hex[2 * 8 + 1];

	if (inet_pton(AF_INET, r->env.address, bytes) == 1)
		crypt_hex(bytes, 3, hex);
	else if (inet_pton(AF_INET6, r->env.address, bytes) == 1)
		crypt_hex(bytes, 8, hex);
	else
		return "local";
	return arena_strdup(&r->mem, hex);
}
