/* SPDX-License-Identifier: MIT */
/* See serve.h. A handler's only effects are SQL, packets and an answer, all of which can be thrown
 * away: that is why it may be run again after a deadlock. */
#include "serve.h"

#include "apps.h"
#include "bottokens.h"
#include "cors.h"
#include "db.h"
#include "fcgi.h"
#include "flow.h"
#include "notify.h"
#include "route.h"
#include "sessions.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "timing.h"
#include "uploads.h"

#include <strings.h>
#include <unistd.h>

#define TRIES 3

/* JSON, or what else the route says; a request without a body needs no type. */
static enum err
check_content(struct req *r)
{
	size_t max = (r->route->flags & APP) != 0 ? REQ_APP_BODY_MAX : REQ_BODY_MAX;

	if ((r->route->flags & BLOB) != 0)
		return OK; /* the handler's */
	if (r->announced > max)
		return req_fail(r, ERR_TOO_LARGE, "at most %zu bytes", max);
	if (r->content.n == 0 || req_is_type(r, "application/json"))
		return OK;
	if ((r->route->flags & FORM) != 0 && req_is_type(r, "application/x-www-form-urlencoded"))
		return OK;
	return ERR_MEDIA_TYPE;
}

/* Forgets what an earlier try left in the request. */
static void
forget(struct req *r)
{
	r->answer = NULL;
	r->answer_text = (struct str){NULL, 0};
	r->flow = NULL;
	r->detail = NULL;
	r->problems = NULL;
	r->notices = NULL;
	r->commit_anyway = false;
	r->cache = NULL;
	buf_clear(&r->headers);
}

/* Whether the asker is still let in: the session lives, or the bot's token is one. */
static enum err
check_asker(struct req *r)
{
	const int flags = r->route->flags;

	if (!r->bot && (flags & SELF) != 0)
		return OK;
	if (!r->bot) {
		TRY(sessions_require(r));
		return r->guest && (flags & GUEST) == 0 ? ERR_NOT_FOR_GUESTS : OK;
	}
	TRY(bottokens_find(r));
	return (flags & PERSON) != 0 ? ERR_NOT_FOR_BOTS : OK;
}

static enum err
attempt(struct req *r)
{
	const int flags = r->route->flags;
	enum err e;

	if ((flags & TX) != 0)
		TRY(db_begin(r->db));
	if ((flags & USER) != 0 && !r->local)
		TRY(check_asker(r));
	e = r->route->handler(r);
	if (e != OK && !r->commit_anyway)
		return e;
	TRY(db_commit(r->db));
	return e;
}

/* Runs the handler; again after a deadlock, or if the connection was dead before anything began. */
static enum err
run(struct req *r)
{
	enum err e = ERR_RETRY;

	for (unsigned i = 0; i < TRIES && e == ERR_RETRY; i++) {
		if (i > 0)
			(void)usleep((useconds_t)(crypt_random64() % (5000U << i)));
		forget(r);
		if ((r->route->flags & BARE) == 0)
			TRY(db_ready(r->db));
		e = attempt(r);
		db_rollback(r->db);
		if (e == ERR_UNAVAILABLE && db_was_stale(r->db))
			e = ERR_RETRY;
	}
	return e;
}

/* Who asks, where the route wants to know: a user of Maru or an application. */
static enum err
identify(struct req *r)
{
	enum err e;

	if ((r->route->flags & (USER | APP)) == 0)
		return OK;
	e = (r->route->flags & USER) != 0 ? sessions_identify(r) : apps_identify(r);
	timing_add(TIMING_AUTH, 0);
	return e;
}

static enum err
answer(struct req *r)
{
	if (r->method == OPTIONS) {
		uploads_options(r);
		return cors_preflight(r);
	}
	TRY(cors_check(r));
	TRY(route_find(r));
	TRY(check_content(r));
	TRY(identify(r));
	return run(r);
}

/* The code of an invite and the token of a hook are secrets, and a log is read by more people than
 * they were meant for; also where they stand in an address that is nothing. */
static const char *
path_to_log(const struct req *r)
{
	static const char *const secret[] = {"/v1/invites/", "/v1/hooks/"};

	if (r->route != NULL &&
	    (strstr(r->route->path, "*code") != NULL || strstr(r->route->path, "*token") != NULL))
		return r->route->path;
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		if (strncmp(r->path, secret[i], strlen(secret[i])) == 0)
			return secret[i];
	}
	return r->path;
}

static void
log_access(const struct req *r, enum err e)
{
	log_write(r->status >= 500 ? LOG_WARN : LOG_INFO, "%s %s %d %s %lldms user=%llu %s",
	    r->method_name, path_to_log(r), r->status, e == OK ? "ok" : err_info(e)->slug,
	    (long long)(clock_mono() - r->started), (unsigned long long)r->user, r->env.address);
}

void
serve(struct req *r)
{
	enum err e;

	log_request(r->env.id);
	e = answer(r);
	if (e == OK || r->commit_anyway)
		notify_flush(r);
	if (e != OK) {
		if (r->detail != NULL && err_info(e)->status >= 500)
			log_error("%s: %s", err_info(e)->slug, r->detail);
		req_problem(r, e);
	}
	cors_headers(r);
	timing_header(r);
	if (e == OK && r->flow != NULL)
		e = flow_send(r);
	else
		fcgi_reply(r);
	log_access(r, e);
	log_request(NULL);
}

enum err
serve_local(struct req *r)
{
	enum err e = route_find(r);

	r->local = true;
	if (e == OK)
		e = run(r);
	if (e == OK || r->commit_anyway)
		notify_flush(r);
	if (e != OK)
		req_problem(r, e);
	return e;
}
