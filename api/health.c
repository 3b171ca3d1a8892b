/* SPDX-License-Identifier: MIT */
/* /v1/healthz: this process answers. /v1/readyz: so does what it needs. */
#include "db.h"
#include "notify.h"
#include "route.h"
#include "sql.h"

enum err
healthz_get(struct req *r)
{
	return req_reply(r, 200, json_pack("{s:s, s:s}", "status", "ok", "version", MARU_VERSION));
}

enum err
readyz_get(struct req *r)
{
	json_t *row;

	TRY(sql_health_ping(r, &row));
	return req_reply(r, 200,
	    json_pack("{s:s, s:s, s:s}", "status", "ok", "database", "ok", "push",
		notify_alive(r->notify) ? "ok" : "down"));
}
