/* SPDX-License-Identifier: MIT */
#include "presign.h"

#include "query.h"
#include "shared/clock.h"
#include "shared/crypt.h"

#include <strings.h>
#include <time.h>

#define SIGNED_MAX 16384
#define STAMP_SIZE 17 /* 20130524T000000Z */

/* Names that are the same in every encoding: no server and no proxy can read them otherwise. */
static bool
is_path(const char *s)
{
	return s[0] == '/' && strstr(s, "//") == NULL && strstr(s, "/../") == NULL &&
	       strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/") ==
		   strlen(s);
}

static void
add_param(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s%s=", out->n == 0 ? "" : "&", name);
	query_encode(out, str_of(value));
}

/* All parameters but the signature, sorted by their names as they have to be. */
static void
add_params(struct buf *out, const struct presign *p, const char *stamp, const char *scope)
{
	char credential[512], seconds[16];

	(void)snprintf(credential, sizeof(credential), "%s/%s", p->access_key, scope);
	(void)snprintf(seconds, sizeof(seconds), "%u", p->seconds);
	add_param(out, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
	add_param(out, "X-Amz-Credential", credential);
	add_param(out, "X-Amz-Date", stamp);
	add_param(out, "X-Amz-Expires", seconds);
	add_param(out, "X-Amz-SignedHeaders", "host");
	if (*p->disposition != '\0')
		add_param(out, "response-content-disposition", p->disposition);
	if (*p->type != '\0')
		add_param(out, "response-content-type", p->type);
}

/* The key is derived from the secret in steps, of which each names a part of the scope. */
static void
sign(const struct presign *p, const char *stamp, const char *text, char out[CRYPT_HEX_SIZE])
{
	char secret[512];
	unsigned char key[CRYPT_HASH];
	const struct str steps[] = {
	    {stamp, 8}, str_of(p->region), STR("s3"), STR("aws4_request"), str_of(text)};
	struct str with;

	(void)snprintf(secret, sizeof(secret), "AWS4%s", p->secret_key);
	with = str_of(secret);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned char next[CRYPT_HASH];

		crypt_hmac(with, steps[i], next);
		memcpy(key, next, sizeof(key));
		with = (struct str){(const char *)key, sizeof(key)};
	}
	crypt_hex(key, sizeof(key), out);
}

/* The request as S3 writes it down for itself, hashed. */
static void
hash_request(const struct presign *p, const struct buf *params, char out[CRYPT_HEX_SIZE])
{
	unsigned char hash[CRYPT_HASH];
	struct buf text;

	buf_init(&text, SIGNED_MAX);
	buf_printf(
	    &text, "GET\n%s\n%s\nhost:%s\n\nhost\nUNSIGNED-PAYLOAD", p->path, params->p, p->host);
	crypt_sha256((struct str){text.p, text.n}, hash);
	crypt_hex(hash, sizeof(hash), out);
	buf_finish(&text);
}

struct str
presign_query(struct arena *mem, const struct presign *p)
{
	char stamp[STAMP_SIZE], hash[CRYPT_HEX_SIZE], signature[CRYPT_HEX_SIZE];
	const char *scope, *text;
	time_t now = (time_t)p->now;
	struct buf params;
	struct tm tm;

	if (!is_path(p->path) || gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return (struct str){NULL, 0};
	scope = arena_printf(mem, "%.8s/%s/s3/aws4_request", stamp, p->region);
	buf_init(&params, SIGNED_MAX / 2);
	add_params(&params, p, stamp, scope);
	hash_request(p, &params, hash);
	text = arena_printf(mem, "AWS4-HMAC-SHA256\n%s\n%s\n%s", stamp, scope, hash);
	sign(p, stamp, text, signature);
	text = params.full
		   ? NULL
		   : arena_printf(mem, "%s?%s&X-Amz-Signature=%s", p->path, params.p, signature);
	buf_finish(&params);
	return str_of(text);
}

/* The endpoint without its scheme and the port that goes without saying. */
static const char *
endpoint_host(struct req *r)
{
	const char *s = r->conf->s3_endpoint, *port = ":80", *colon;
	size_t n;

	if (strncasecmp(s, "https://", 8) == 0) {
		s += 8;
		port = ":443";
	} else if (strncasecmp(s, "http://", 7) == 0) {
		s += 7;
	}
	n = strcspn(s, "/");
	colon = memrchr(s, ':', n);
	if (colon != NULL && (size_t)(s + n - colon) == strlen(port) &&
	    memcmp(colon, port, strlen(port)) == 0)
		n = (size_t)(colon - s);
	return arena_strndup(&r->mem, s, n);
}

const char *
presign_host(struct req *r)
{
	const char *host = endpoint_host(r);

	return r->conf->s3_path_style ? host
				      : arena_printf(&r->mem, "%s.%s", r->conf->s3_bucket, host);
}

struct str
presign_get(
    struct req *r, const char *object, const char *type, const char *disposition, unsigned seconds)
{
	const struct conf *c = r->conf;
	struct presign p = {
	    .region = c->s3_region,
	    .access_key = c->s3_access_key,
	    .secret_key = c->s3_secret_key,
	    .type = type,
	    .disposition = disposition,
	    .now = clock_wall() / 1000,
	    .seconds = seconds,
	};

	if (c->s3_endpoint[0] == '\0')
		return (struct str){NULL, 0};
	p.host = presign_host(r);
	p.path = arena_printf(&r->mem, "%s%s/%s%.2s/%s", c->s3_path_style ? "/" : "",
	    c->s3_path_style ? c->s3_bucket : "", c->s3_prefix, object, object);
	return presign_query(&r->mem, &p);
}
