/* SPDX-License-Identifier: MIT */
/* The machine behind upload.h: each function of the kind `on_...` takes one answer and asks the
 * next question. Whatever goes wrong, the whole file is sent again, later.
 */
#include "upload.h"

#include "crash.h"
#include "s3fault.h"
#include "spool.h"
#include "unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHOLE_MAX ((off_t)16 << 20) /* larger ones go in parts */
#define PART      ((off_t)8 << 20)
#define PARTS_MAX 10000            /* of S3: 80 GB, far more than a file may have */
#define SLICE     ((off_t)1 << 20) /* what is hashed before others have their turn */
#define LIST_MAX  ((size_t)PARTS_MAX * 128)

struct upload {
	struct s3 *s3;
	const struct spool *spool;
	char name[SPOOL_NAME_SIZE], key[S3_KEY_SIZE];
	int fd;
	off_t size;
	struct s3_call call;
	enum step (*next)(struct upload *u); /* when the call is not busy */
	struct outcome outcome;

	/* What is being hashed: from .. end, up to at. */
	struct digest *digest;
	off_t from, at, end;
	struct digest_sums sums; /* of the piece that was hashed last */
	char whole[DIGEST_SHA256_SIZE];
	char etag[S3_ETAG_SIZE]; /* that the bucket should answer in the end */

	/* Of a multipart upload. */
	struct unfinished old;
	char id[UNFINISHED_ID_SIZE];
	unsigned part;
	struct digest *parts; /* of the MD5s of all parts */
	struct buf list;      /* what completes it */
};

static enum step on_head(struct upload *u);
static enum step on_part(struct upload *u);

/* ---- ends */

static enum step
fail(struct upload *u, enum s3_trouble trouble, const char *why)
{
	u->outcome.trouble = trouble;
	(void)snprintf(u->outcome.why, sizeof(u->outcome.why), "%s", why);
	return STEP_OVER;
}

static enum step
on_aborted(struct upload *u)
{
	(void)u; /* if it did not work, the next attempt finds it */
	return STEP_OVER;
}

/* As the last call says. What the server has of a multipart upload is of no use any more; one that
 * can't be reached is not asked. */
static enum step
fail_call(struct upload *u)
{
	u->outcome.trouble = u->call.trouble;
	u->outcome.retry_after = u->call.retry_after;
	(void)snprintf(u->outcome.why, sizeof(u->outcome.why), "%s", u->call.why);
	if (u->id[0] == '\0' || u->call.status == 0)
		return STEP_OVER;
	unfinished_abort(u->s3, &u->call, u->key, u->id);
	u->next = on_aborted;
	return STEP_WAITS;
}

static enum step
fail_verification(struct upload *u, const char *what, const char *has, const char *sent)
{
	u->call.trouble = S3_OBJECT;
	(void)snprintf(u->call.why, sizeof(u->call.why),
	    "the bucket has another %s (%.80s) than what was sent (%.80s)", what, has, sent);
	return fail_call(u);
}

/* ---- checksums, a slice at a time */

static enum step
hash_slice(struct upload *u)
{
	off_t n = u->end - u->at < SLICE ? u->end - u->at : SLICE;

	if (!digest_add_file(u->digest, u->fd, u->at, (size_t)n)) {
		u->call.trouble = S3_OBJECT;
		(void)snprintf(u->call.why, sizeof(u->call.why), "the local file can't be read: %s",
		    errno == 0 ? "it has become shorter" : strerror(errno));
		u->call.status = u->id[0] != '\0';
		return fail_call(u);
	}
	u->at += n;
	if (u->at < u->end)
		return STEP_MORE;
	digest_end(u->digest, &u->sums);
	return STEP_OVER;
}

static void
begin_hash(struct upload *u, off_t from, off_t end)
{
	digest_reset(u->digest);
	u->from = u->at = from;
	u->end = end;
}

/* ---- questions */

static enum step
ask(struct upload *u, enum step (*next)(struct upload *))
{
	s3_start(u->s3, &u->call);
	u->next = next;
	return STEP_WAITS;
}

static void
prepare_put(struct upload *u)
{
	s3_ask(&u->call, S3_PUT, u->key);
	memcpy(u->call.sha256, u->sums.sha256, sizeof(u->call.sha256));
	u->call.fd = u->fd;
	u->call.from = u->from;
	u->call.length = u->end - u->from;
}

static enum step
verify(struct upload *u)
{
	CRASH_POINT("push.after_put");
	s3_ask(&u->call, S3_HEAD, u->key);
	return ask(u, on_head);
}

/* A part or a whole was taken; an MD5 that the server names must be ours. */
static bool
is_taken(struct upload *u)
{
	return u->call.trouble == S3_FINE &&
	       (!u->call.etag_is_md5 || strncmp(u->call.etag, u->sums.md5, DIGEST_MD5_SIZE) == 0);
}

static enum step
refuse(struct upload *u)
{
	return u->call.trouble != S3_FINE
		   ? fail_call(u)
		   : fail_verification(u, "checksum", u->call.etag, u->sums.md5);
}

static enum step
on_put(struct upload *u)
{
	return is_taken(u) ? verify(u) : refuse(u);
}

/* Whether both are checksums of the same kind, plain or of parts, and differ. */
static bool
etag_differs(const struct upload *u)
{
	return u->call.etag_is_md5 &&
	       (strchr(u->call.etag, '-') != NULL) == (strchr(u->etag, '-') != NULL) &&
	       strcmp(u->call.etag, u->etag) != 0;
}

static enum step
on_head(struct upload *u)
{
	char has[24], sent[24];

	u->id[0] = '\0'; /* it is complete */
	if (u->call.trouble != S3_FINE)
		return fail_call(u);
	(void)snprintf(has, sizeof(has), "%lld", (long long)u->call.size);
	(void)snprintf(sent, sizeof(sent), "%lld", (long long)u->size);
	if (u->call.size != u->size)
		return fail_verification(u, "size", has, sent);
	if (strcmp(u->call.kept, u->whole) != 0)
		return fail_verification(u, "x-amz-meta-sha256", u->call.kept, u->whole);
	if (etag_differs(u))
		return fail_verification(u, "ETag", u->call.etag, u->etag);
	CRASH_POINT("push.before_unlink");
	if (unlinkat(u->spool->fds[SPOOL_READY], u->name, 0) != 0 && errno != ENOENT)
		return fail(u, S3_OBJECT, "it can't be removed from ready/ after its upload");
	return STEP_OVER;
}

/* ---- parts */

static enum step
on_completed(struct upload *u)
{
	struct str xml = {u->call.answer.p, u->call.answer.n};

	if (u->call.trouble != S3_FINE)
		return fail_call(u);
	/* 200 comes before the work is done; only the text says how it ended. */
	if (xml.n == 0 || memmem(xml.p, xml.n, "<CompleteMultipartUploadResult", 30) == NULL) {
		u->call.trouble = S3_SERVER;
		(void)snprintf(u->call.why, sizeof(u->call.why),
		    "it did not say that it has put the parts together");
		return fail_call(u);
	}
	return verify(u);
}

static enum step
complete(struct upload *u)
{
	struct digest_sums sums;

	digest_end(u->parts, &sums);
	(void)snprintf(u->etag, sizeof(u->etag), "%s-%u", sums.md5, u->part);
	buf_addstr(&u->list, "</CompleteMultipartUpload>");
	digest_reset(u->digest);
	digest_add(u->digest, u->list.p, u->list.n);
	digest_end(u->digest, &sums);
	s3_ask(&u->call, S3_POST, u->key);
	s3_query(&u->call, "uploadId", u->id);
	memcpy(u->call.sha256, sums.sha256, sizeof(u->call.sha256));
	u->call.text = (struct str){u->list.p, u->list.n};
	return ask(u, on_completed);
}

static enum step
hash_part(struct upload *u)
{
	enum step step = hash_slice(u);
	char number[16];

	if (step != STEP_OVER || u->outcome.trouble != S3_FINE)
		return step;
	(void)snprintf(number, sizeof(number), "%u", ++u->part);
	prepare_put(u);
	s3_query(&u->call, "partNumber", number);
	s3_query(&u->call, "uploadId", u->id);
	return ask(u, on_part);
}

static enum step
next_part(struct upload *u)
{
	off_t end = u->end + PART < u->size ? u->end + PART : u->size;

	if (u->end == u->size)
		return complete(u);
	begin_hash(u, u->end, end);
	u->next = hash_part;
	return STEP_MORE;
}

static enum step
on_part(struct upload *u)
{
	if (!is_taken(u))
		return refuse(u);
	digest_add(u->parts, u->sums.md5_bytes, sizeof(u->sums.md5_bytes));
	buf_printf(&u->list, "<Part><PartNumber>%u</PartNumber><ETag>\"%s\"</ETag></Part>", u->part,
	    u->call.etag);
	return next_part(u);
}

static enum step
on_begun(struct upload *u)
{
	struct str xml = {u->call.answer.p, u->call.answer.n};

	if (u->call.trouble != S3_FINE)
		return fail_call(u);
	if (!s3fault_element(xml, "UploadId", u->id, sizeof(u->id)) || u->id[0] == '\0') {
		u->id[0] = '\0';
		return fail(u, S3_SERVER, "it did not say how it calls a multipart upload");
	}
	u->parts = digest_create();
	buf_init(&u->list, LIST_MAX);
	buf_addstr(&u->list, "<CompleteMultipartUpload>");
	u->end = 0;
	return next_part(u);
}

static enum step
on_unfinished(struct upload *u)
{
	if (unfinished_step(&u->old) == STEP_WAITS)
		return STEP_WAITS;
	if (u->call.trouble != S3_FINE)
		return fail_call(u);
	s3_ask(&u->call, S3_POST, u->key);
	s3_query(&u->call, "uploads", "");
	u->call.meta = u->whole;
	return ask(u, on_begun);
}

static enum step
hash_whole(struct upload *u)
{
	enum step step = hash_slice(u);

	if (step != STEP_OVER || u->outcome.trouble != S3_FINE)
		return step;
	memcpy(u->whole, u->sums.sha256, sizeof(u->whole));
	memcpy(u->etag, u->sums.md5, DIGEST_MD5_SIZE);
	CRASH_POINT("push.before_put");
	if (u->size > WHOLE_MAX) {
		unfinished_begin(&u->old, u->s3, &u->call, u->key);
		u->next = on_unfinished;
		return STEP_WAITS;
	}
	prepare_put(u);
	u->call.meta = u->whole;
	return ask(u, on_put);
}

/* ---- from outside */

/* Opens the file; -1: it is not there, -2: it is none. */
static int
open_file(const struct spool *spool, const char *name, struct stat *st)
{
	int fd =
	    openat(spool->fds[SPOOL_READY], name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -1 : -2;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	(void)close(fd);
	return -2;
}

static enum step
on_no_file(struct upload *u)
{
	return fail(u, S3_OBJECT, "it can't be opened, or is no plain file");
}

struct upload *
upload_create(struct s3 *s3, const struct spool *spool, const char *name)
{
	struct stat st = {0};
	int fd = open_file(spool, name, &st);
	struct upload *u = fd == -1 ? NULL : calloc(1, sizeof(*u));

	if (fd == -1)
		return NULL;
	if (u == NULL)
		abort();
	u->s3 = s3;
	u->spool = spool;
	(void)snprintf(u->name, sizeof(u->name), "%s", name);
	s3_key(s3, name, u->key);
	u->fd = fd;
	u->size = st.st_size;
	u->digest = digest_create();
	begin_hash(u, 0, u->size);
	u->next = fd < 0 ? on_no_file : hash_whole;
	return u;
}

enum step
upload_step(struct upload *u)
{
	return u->call.busy ? STEP_WAITS : u->next(u);
}

const struct outcome *
upload_outcome(const struct upload *u)
{
	return &u->outcome;
}

void
upload_destroy(struct upload *u)
{
	s3_finish(&u->call);
	if (u->fd >= 0)
		(void)close(u->fd);
	digest_destroy(u->digest);
	digest_destroy(u->parts);
	buf_finish(&u->list);
	free(u);
}
