/* SPDX-License-Identifier: MIT */
/* The list behind unfinished.h, and how it is emptied. */
#include "unfinished.h"

#include "log.h"
#include "s3fault.h"

#include <stdatomic.h>
#include <stdio.h>

#define ROUNDS_MAX 100 /* a server whose list never ends must not keep us */

static void
ask(struct unfinished *u)
{
	s3_ask(u->call, S3_GET, "");
	s3_query(u->call, "prefix", u->key);
	s3_query(u->call, "uploads", "");
	s3_start(u->s3, u->call);
	u->aborting = false;
}

void
unfinished_begin(struct unfinished *u, struct s3 *s3, struct s3_call *call, const char *key)
{
	*u = (struct unfinished){.s3 = s3, .call = call, .key = key};
	ask(u);
}

void
unfinished_abort(struct s3 *s3, struct s3_call *call, const char *key, const char *id)
{
	s3_ask(call, S3_DELETE, key);
	s3_query(call, "uploadId", id);
	s3_start(s3, call);
}

void
unfinished_find(struct str xml, const char *key, char id[UNFINISHED_ID_SIZE])
{
	char found[S3_KEY_SIZE];
	const char *p;

	id[0] = '\0';
	while (xml.n > 0 && (p = memmem(xml.p, xml.n, "<Upload>", 8)) != NULL) {
		xml = (struct str){p + 8, xml.n - (size_t)(p + 8 - xml.p)};
		if (s3fault_element(xml, "Key", found, sizeof(found)) && strcmp(found, key) == 0 &&
		    s3fault_element(xml, "UploadId", id, UNFINISHED_ID_SIZE))
			return;
	}
	id[0] = '\0';
}

/* A store that does not list uploads, or not for these keys, is no reason to keep files here. */
static bool
is_refused(const struct s3_call *c)
{
	return c->status >= 400 && c->status < 500 && c->status != 408 && c->status != 429;
}

static void
say_refused(const struct s3_call *c)
{
	static atomic_bool said;

	if (!atomic_exchange(&said, true))
		log_warn("the bucket does not list unfinished uploads; have it delete them by a "
			 "rule of its own: %s",
		    c->why);
}

enum step
unfinished_step(struct unfinished *u)
{
	char id[UNFINISHED_ID_SIZE];
	struct s3_call *c = u->call;

	if (c->busy)
		return STEP_WAITS;
	if (c->trouble != S3_FINE && is_refused(c)) {
		if (!u->aborting)
			say_refused(c);
		c->trouble = S3_FINE;
		return STEP_OVER;
	}
	if (c->trouble != S3_FINE)
		return STEP_OVER;
	if (u->aborting) {
		ask(u);
		return STEP_WAITS;
	}
	unfinished_find((struct str){c->answer.p, c->answer.n}, u->key, id);
	if (id[0] == '\0' || u->rounds++ == ROUNDS_MAX)
		return STEP_OVER;
	unfinished_abort(u->s3, c, u->key, id);
	u->aborting = true;
	return STEP_WAITS;
}
