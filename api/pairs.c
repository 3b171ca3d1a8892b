/* SPDX-License-Identifier: MIT */
#include "pairs.h"

#include "shared/wire.h"
#include "sql.h"

enum err
pairs_freeze(struct req *r, uint64_t other)
{
	uint64_t low = r->user < other ? r->user : other;
	json_t *row;

	TRY(sql_pair_user(r, low, &row));
	return sql_pair_user(r, low == other ? r->user : other, &row);
}

enum err
pairs_hold(struct req *r, uint64_t other)
{
	uint64_t low = r->user < other ? r->user : other;
	json_t *row;

	TRY(sql_pair_stream(r, WIRE_USER, low, &row));
	return sql_pair_stream(r, WIRE_USER, low == other ? r->user : other, &row);
}

enum err
pairs_get(struct req *r, uint64_t other, json_t **out)
{
	return sql_pair_get(r, r->user, other, out);
}

enum err
pairs_check_block(struct req *r, const json_t *pair)
{
	if (json_is_true(json_object_get(pair, "blocks")))
		return req_fail(r, ERR_CONFLICT, "you block this person");
	return OK;
}
