/* SPDX-License-Identifier: MIT */
/* The machine behind erase.h. */
#include "erase.h"

#include "crash.h"
#include "spool.h"
#include "unfinished.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct erase {
	struct s3 *s3;
	const struct spool *spool;
	char object[SPOOL_NAME_SIZE], key[S3_KEY_SIZE];
	unsigned sizes; /* of which the bucket was asked to delete */
	bool looking;   /* for unfinished uploads */
	struct unfinished old;
	struct s3_call call;
	struct outcome outcome;
};

static enum step
fail(struct erase *e, const char *why)
{
	e->outcome.trouble = S3_OBJECT;
	(void)snprintf(e->outcome.why, sizeof(e->outcome.why), "%s: %s", why, strerror(errno));
	return STEP_OVER;
}

static enum step
fail_call(struct erase *e)
{
	e->outcome.trouble = e->call.trouble;
	e->outcome.retry_after = e->call.retry_after;
	memcpy(e->outcome.why, e->call.why, sizeof(e->outcome.why));
	return STEP_OVER;
}

static bool
remove_local(const struct erase *e)
{
	char name[SPOOL_NAME_SIZE];

	for (unsigned i = 0; i < SPOOL_SIZES; i++) {
		spool_name(e->object, i, name);
		if (unlinkat(e->spool->fds[SPOOL_READY], name, 0) != 0 && errno != ENOENT)
			return false;
	}
	return true;
}

/* On disk the marker must not go before the files: they would be uploaded again. */
static enum step
end(struct erase *e)
{
	CRASH_POINT("push.after_delete");
	if (fsync(e->spool->fds[SPOOL_READY]) != 0)
		return fail(e, "ready/ can't be written");
	if (unlinkat(e->spool->fds[SPOOL_GONE], e->object, 0) != 0 && errno != ENOENT)
		return fail(e, "its marker in gone/ can't be removed");
	return STEP_OVER;
}

static enum step
ask_next(struct erase *e)
{
	char name[SPOOL_NAME_SIZE], key[S3_KEY_SIZE];

	if (e->sizes == SPOOL_SIZES) {
		unfinished_begin(&e->old, e->s3, &e->call, e->key);
		e->looking = true;
		return STEP_WAITS;
	}
	spool_name(e->object, e->sizes++, name);
	s3_key(e->s3, name, key);
	s3_ask(&e->call, S3_DELETE, key);
	s3_start(e->s3, &e->call);
	return STEP_WAITS;
}

/* A bucket that is not there is trouble; an object that is not there is what we want. */
static bool
is_deleted(const struct s3_call *c)
{
	return c->trouble == S3_FINE || (c->trouble == S3_OBJECT && c->status == 404);
}

enum step
erase_step(struct erase *e)
{
	if (e->call.busy)
		return STEP_WAITS;
	if (e->looking) {
		if (unfinished_step(&e->old) == STEP_WAITS)
			return STEP_WAITS;
		return e->call.trouble == S3_FINE ? end(e) : fail_call(e);
	}
	if (e->sizes == 0) {
		CRASH_POINT("push.before_gone");
		if (!remove_local(e))
			return fail(e, "its files in ready/ can't be removed");
	} else if (!is_deleted(&e->call)) {
		return fail_call(e);
	}
	return ask_next(e);
}

struct erase *
erase_create(struct s3 *s3, const struct spool *spool, const char *object)
{
	struct erase *e = calloc(1, sizeof(*e));

	if (e == NULL)
		abort();
	e->s3 = s3;
	e->spool = spool;
	spool_name(object, 0, e->object);
	s3_key(s3, e->object, e->key);
	return e;
}

const struct outcome *
erase_outcome(const struct erase *e)
{
	return &e->outcome;
}

void
erase_destroy(struct erase *e)
{
	s3_finish(&e->call);
	free(e);
}
