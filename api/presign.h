/* SPDX-License-Identifier: MIT */
/* Signed addresses of objects in the bucket: AWS Signature Version 4 in the query, for GET
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). They are for
 * nginx, which fetches the object; no client sees one.
 */
#ifndef MARU_PRESIGN_H
#define MARU_PRESIGN_H

#include "req.h"

/* What is signed. */
struct presign {
	const char *host;   /* with its port, unless it is that of the scheme */
	const char *path;   /* "/" and what may stand in a path as it is: A-Z a-z 0-9 . _ - / */
	const char *region; /* and the keys */
	const char *access_key, *secret_key;
	const char *type, *disposition; /* what S3 shall answer; "": as it likes */
	int64_t now;                    /* seconds since 1970 */
	unsigned seconds;               /* for which it holds, 604800 at most */
};

/* Path and query of the signed address, in the arena; {NULL, 0} if the path can't be signed. */
struct str presign_query(struct arena *mem, const struct presign *p);

/* The same for a file of an object ("abcdef..._320") in the bucket of maru.conf, from now on.
 * {NULL, 0} without s3_endpoint, or if a name has other characters than those above. */
struct str presign_get(
    struct req *r, const char *object, const char *type, const char *disposition, unsigned seconds);

/* The Host for which presign_get() signs; lives as long as the request. */
const char *presign_host(struct req *r);

#endif
