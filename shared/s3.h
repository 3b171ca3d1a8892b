/* SPDX-License-Identifier: MIT */
/* Requests to a bucket of any object store that speaks S3, several at a time over few connections,
 * and the only file of shared/ that sees libcurl. It signs (AWS Signature Version 4), never follows
 * a redirect and always verifies certificates, against $SSL_CERT_FILE if that is set.
 *
 * Nobody is called back: the caller fills a struct s3_call, starts it, and looks after each
 * s3_wait() whether it is over.
 */
#ifndef MARU_S3_H
#define MARU_S3_H

#include "buf.h"
#include "digest.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define S3_KEY_SIZE   320  /* name of an object: the prefix and what a file is called */
#define S3_QUERY_SIZE 3200 /* with the number of a multipart upload, escaped */
#define S3_ETAG_SIZE  72
#define S3_WHY_SIZE   640

struct conf;
struct s3;

enum s3_method { S3_HEAD, S3_GET, S3_PUT, S3_POST, S3_DELETE };

/* Whom a failure concerns: this object, or all of them, so that it is of no use to go on. */
enum s3_trouble { S3_FINE, S3_OBJECT, S3_SERVER };

struct s3_call {
	/* What is asked. The texts live as long as the call. */
	enum s3_method method;
	char key[S3_KEY_SIZE];           /* "": the bucket */
	char query[S3_QUERY_SIZE];       /* names sorted, each with "=", values escaped */
	char sha256[DIGEST_SHA256_SIZE]; /* of the body; "": there is none */
	const char *meta;                /* checksum of the whole that is kept with it, or NULL */
	int fd;                          /* PUT: length bytes of this file from here on */
	off_t from, length;
	struct str text; /* POST: the body */

	/* What came. */
	bool busy;
	enum s3_trouble trouble;
	char why[S3_WHY_SIZE];         /* for an operator, if there is trouble */
	long status;                   /* of HTTP, or 0 */
	char etag[S3_ETAG_SIZE];       /* without its quotes */
	bool etag_is_md5;              /* unless the server encrypts with a key of its own */
	char kept[DIGEST_SHA256_SIZE]; /* what meta was */
	int64_t size;                  /* HEAD: of the object, or -1 */
	int64_t retry_after;           /* seconds that the server asks for, or 0 */
	struct buf answer;             /* its text */

	void *link, *headers; /* s3.c's own */
	struct s3 *s3;
	off_t sent;
	char error[256]; /* CURL_ERROR_SIZE */
};

/* NULL after saying why in the log. conf is not needed afterwards, its texts are. */
struct s3 *s3_create(const struct conf *conf);
void s3_destroy(struct s3 *s); /* after the last call; accepts NULL */

/* What the object of this file is called in the bucket: <s3_prefix><ab>/<name>. */
void s3_key(const struct s3 *s, const char *name, char out[S3_KEY_SIZE]);

/* A new question with this method for this object; what was answered before is dropped. */
void s3_ask(struct s3_call *c, enum s3_method method, const char *key);

/* Appends name=value to the query, escaped. */
void s3_query(struct s3_call *c, const char *name, const char *value);

void s3_start(struct s3 *s, struct s3_call *c);

/* Gives up what is under way, if anything, and frees what the call holds. */
void s3_finish(struct s3_call *c);

/* Moves bytes; returns when a call is over, fd (or -1) is readable, s3_wake() was called or ms
 * have passed. */
void s3_wait(struct s3 *s, int fd, int ms);

/* From any thread. */
void s3_wake(struct s3 *s);

#endif
