/* SPDX-License-Identifier: MIT */
#include "admins.h"

#include "sql.h"

enum err
admins_require(struct req *r)
{
	json_t *row;
	enum err e = sql_admin_get(r, r->user, &row);

	return e == ERR_NOT_FOUND ? req_fail(r, ERR_FORBIDDEN, "only admins may do this") : e;
}
