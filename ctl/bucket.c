/* SPDX-License-Identifier: MIT */
/* The asker behind bucket.h. */
#include "bucket.h"

#include "api/filestore.h"
#include "files.h"
#include "shared/clock.h"
#include "shared/s3fault.h"

#include <stdio.h>
#include <stdlib.h>

#define QUESTIONS  16 /* at the same time */
#define ANSWER_MS  8000
#define TRIES      3
#define TURN_MS    200
#define PAGE       "400" /* objects, so that any prefix fits into s3.c's bound of an answer */
#define TOKEN_SIZE 2048
#define SECONDS_AT 19 /* where those of an RFC 3339 time end */

struct question {
	struct s3_call call;
	bool used, asked;
	unsigned tries;
	int64_t until;         /* monotonic: when patience ends, or the next try begins */
	bucket_answer *answer; /* NULL: of the list */
	void *arg;
};

struct bucket {
	struct files *files;
	struct conf conf; /* a copy, for more connections than maru-push may have */
	struct s3 *s3;
	struct question questions[QUESTIONS], list;
	struct {
		struct str rest; /* of the page */
		char token[TOKEN_SIZE];
		bool begun, more;
	} page;
};

/* ---- questions ---- */

static void
start(struct bucket *b, struct question *q)
{
	enum s3_method method = q->call.method;
	char query[S3_QUERY_SIZE], key[S3_KEY_SIZE];

	memcpy(query, q->call.query, sizeof(query));
	memcpy(key, q->call.key, sizeof(key));
	s3_ask(&q->call, method, key);
	memcpy(q->call.query, query, sizeof(query));
	s3_start(b->s3, &q->call);
	q->asked = true;
	q->until = clock_mono() + ANSWER_MS;
}

/* Whether the same question may have an answer in a moment. */
static bool
is_passing(const struct s3_call *c)
{
	return c->status == 0 || c->status == 408 || c->status == 429 || c->status >= 500;
}

static void
give_up(struct question *q)
{
	s3_finish(&q->call);
	q->call.trouble = S3_SERVER;
	q->call.status = 0;
	(void)snprintf(q->call.why, sizeof(q->call.why), "it does not answer for %u s",
	    (unsigned)ANSWER_MS / 1000);
}

static void
settle(struct bucket *b, struct question *q)
{
	const struct s3_call *c = &q->call;

	q->used = false;
	if (c->trouble != S3_FINE && (c->trouble == S3_SERVER || c->status != 404)) {
		if (!b->files->broken)
			(void)files_fail(b->files, "the bucket %s at %s does not work: %s",
			    b->conf.s3_bucket, b->conf.s3_endpoint, c->why);
	} else if (q->answer != NULL) {
		q->answer(q->arg, c->trouble == S3_FINE ? c->size : -1);
	}
}

static void
step(struct bucket *b, struct question *q)
{
	const int64_t now = clock_mono();

	if (!q->used || ((q->call.busy || !q->asked) && now < q->until))
		return;
	if (!q->asked) {
		start(b, q);
		return;
	}
	if (q->call.busy)
		give_up(q);
	if (q->call.trouble == S3_SERVER && is_passing(&q->call) && ++q->tries < TRIES) {
		q->asked = false;
		q->until = now + 1000 * (int64_t)q->tries;
		return;
	}
	settle(b, q);
}

static void
turn(struct bucket *b)
{
	s3_wait(b->s3, -1, TURN_MS);
	for (unsigned i = 0; i < QUESTIONS; i++)
		step(b, &b->questions[i]);
	step(b, &b->list);
}

static struct question *
free_question(struct bucket *b)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		if (!b->questions[i].used)
			return &b->questions[i];
	}
	return NULL;
}

bool
bucket_ask(struct bucket *b, const char *name, bucket_answer *answer, void *arg)
{
	struct question *q;
	char key[S3_KEY_SIZE];

	while ((q = free_question(b)) == NULL && !b->files->broken)
		turn(b);
	if (b->files->broken)
		return false;
	bucket_key(b, name, key);
	s3_ask(&q->call, S3_HEAD, key);
	q->used = true;
	q->tries = 0;
	q->answer = answer;
	q->arg = arg;
	start(b, q);
	return true;
}

static bool
is_asking(const struct bucket *b)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		if (b->questions[i].used)
			return true;
	}
	return false;
}

bool
bucket_wait(struct bucket *b)
{
	while (is_asking(b) && !b->files->broken)
		turn(b);
	return !b->files->broken;
}

/* ---- the list ---- */

/* Fetches a page of the list; tries: how many of them are taken as made. */
static bool
fetch(struct bucket *b, const char *objects, unsigned tries)
{
	struct question *q = &b->list;

	s3_ask(&q->call, S3_GET, "");
	/* In the order of their names, as the signature wants them. */
	if (b->page.token[0] != '\0')
		s3_query(&q->call, "continuation-token", b->page.token);
	s3_query(&q->call, "list-type", "2");
	s3_query(&q->call, "max-keys", objects);
	s3_query(&q->call, "prefix", b->conf.s3_prefix);
	q->used = true;
	q->tries = tries;
	start(b, q);
	while (q->used && !b->files->broken)
		turn(b);
	if (!b->files->broken && q->call.trouble != S3_FINE)
		(void)files_fail(
		    b->files, "the bucket %s can't be listed: %s", b->conf.s3_bucket, q->call.why);
	return !b->files->broken;
}

static bool
next_page(struct bucket *b)
{
	char before[TOKEN_SIZE], more[8];

	if (b->page.begun && !b->page.more)
		return false;
	memcpy(before, b->page.token, sizeof(before));
	if (!fetch(b, PAGE, 0))
		return false;
	b->page.begun = true;
	b->page.rest = (struct str){b->list.call.answer.p, b->list.call.answer.n};
	b->page.more = s3fault_element(b->page.rest, "IsTruncated", more, sizeof(more)) &&
		       strcmp(more, "true") == 0;
	if (!b->page.more)
		return true;
	/* Without this a server that does not know how to go on would keep us for ever. */
	if (s3fault_element(
		b->page.rest, "NextContinuationToken", b->page.token, sizeof(b->page.token)) &&
	    strcmp(before, b->page.token) != 0)
		return true;
	return files_fail(b->files,
	    "the bucket %s does not say how its list goes on; ListObjectsV2 is needed",
	    b->conf.s3_bucket);
}

/* Servers differ in the fraction of a second. */
static int64_t
read_time(const char *text)
{
	char exact[CLOCK_TEXT_SIZE];
	int64_t at;

	(void)snprintf(exact, sizeof(exact), "%.*s.000Z", SECONDS_AT, text);
	return strlen(text) > SECONDS_AT && clock_read(exact, &at) ? at : 0;
}

/* The next <Contents> of the page. */
static bool
take_object(struct bucket *b, struct bucket_object *out)
{
	static const char open[] = "<Contents>", close[] = "</Contents>";
	struct str *rest = &b->page.rest;
	const char *from = rest->n == 0 ? NULL : memmem(rest->p, rest->n, open, sizeof(open) - 1);
	const char *to;
	char at[64];
	struct str one;

	if (from == NULL)
		return false;
	one = (struct str){from, rest->n - (size_t)(from - rest->p)};
	if ((to = memmem(one.p, one.n, close, sizeof(close) - 1)) == NULL)
		return false;
	one.n = (size_t)(to - from);
	*rest = (struct str){to, rest->n - (size_t)(to - rest->p)};
	/* A key that is too long is nobody of ours. */
	(void)s3fault_element(one, "Key", out->key, sizeof(out->key));
	out->at = s3fault_element(one, "LastModified", at, sizeof(at)) ? read_time(at) : 0;
	return true;
}

bool
bucket_next(struct bucket *b, struct bucket_object *out)
{
	while (!take_object(b, out)) {
		if (!next_page(b))
			return false;
	}
	return true;
}

/* ---- names ---- */

void
bucket_key(const struct bucket *b, const char *name, char out[S3_KEY_SIZE])
{
	s3_key(b->s3, name, out);
}

const char *
bucket_name(const struct bucket *b, const char *key)
{
	const size_t n = strlen(b->conf.s3_prefix) + 3; /* "ab/" */
	char again[S3_KEY_SIZE];

	if (strlen(key) < n || !filestore_is_name(key + n))
		return NULL;
	s3_key(b->s3, key + n, again);
	return strcmp(again, key) == 0 ? key + n : NULL;
}

/* ---- */

struct bucket *
bucket_open(struct files *f)
{
	struct bucket *b = calloc(1, sizeof(*b));

	if (b == NULL)
		abort();
	b->files = f;
	b->conf = *f->r->conf;
	if (b->conf.s3_uploads < QUESTIONS + 1)
		b->conf.s3_uploads = QUESTIONS + 1;
	if ((b->s3 = s3_create(&b->conf)) == NULL)
		f->broken = true;
	/* Whoever waits at a terminal is told at once. */
	if (f->broken || !fetch(b, "1", TRIES)) {
		bucket_close(b);
		return NULL;
	}
	return b;
}

void
bucket_close(struct bucket *b)
{
	if (b == NULL)
		return;
	for (unsigned i = 0; i < QUESTIONS; i++)
		s3_finish(&b->questions[i].call);
	s3_finish(&b->list.call);
	s3_destroy(b->s3);
	free(b);
}
