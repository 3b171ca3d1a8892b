/* SPDX-License-Identifier: MIT */
/* See appsign.h. Stock libraries sign parameters before they encode them for the URL, so names and
 * values are decoded here; some do the same with the path and some don't, so either is good.
 *
 * What is signed is one text, and it must not have two readings: what would end a parameter or a
 * line in it, or comes twice, is refused. No library makes such a request.
 */
#include "appsign.h"

#include "query.h"
#include "shared/crypt.h"

#include <md5.h>
#include <stdlib.h>

#define PARAMS_MAX 32

struct param {
	const char *name; /* in lower case */
	const char *value;
};

struct params {
	struct param list[PARAMS_MAX];
	size_t n;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

/* Whether the text can stand in what is signed without looking like something else. */
static bool
is_plain(const char *text, const char *separators)
{
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || strchr(separators, *p) != NULL)
			return false;
	}
	return true;
}

/* A decoded piece of the query, where a '+' is a blank; NULL if it is no text. */
static char *
decode(struct arena *mem, const char *p, size_t n)
{
	char *text = arena_strndup(mem, p, n);
	const char *decoded;

	for (char *c = text; *c != '\0'; c++)
		*c = *c == '+' ? ' ' : *c;
	decoded = query_decode(mem, str_of(text));
	return decoded == NULL ? NULL : arena_strdup(mem, decoded);
}

/* Reads name=value; false if it may not stand in a signed query. */
static bool
read_param(struct arena *mem, const char *p, size_t n, struct param *out)
{
	const char *equals = memchr(p, '=', n);
	size_t len = equals == NULL ? n : (size_t)(equals - p);
	char *name = decode(mem, p, len);

	out->name = name;
	out->value = equals == NULL ? "" : decode(mem, equals + 1, n - len - 1);
	if (name == NULL || out->value == NULL)
		return false;
	for (; *name != '\0'; name++)
		*name = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
	return is_plain(out->name, "&=") && is_plain(out->value, "&");
}

/* Reads the query, sorted by name. NULL, or what is wrong. */
static const char *
read_params(struct arena *mem, const char *query, struct params *out)
{
	out->n = 0;
	while (*query != '\0') {
		size_t n = strcspn(query, "&");

		if (n > 0 && out->n == PARAMS_MAX)
			return "there are too many parameters";
		if (n > 0 && !read_param(mem, query, n, &out->list[out->n++]))
			return "a parameter of the query can't be signed";
		query += n + (query[n] == '&');
	}
	qsort(out->list, out->n, sizeof(out->list[0]), by_name);
	for (size_t i = 1; i < out->n; i++) {
		if (strcmp(out->list[i - 1].name, out->list[i].name) == 0)
			return "a parameter of the query is given twice";
	}
	return NULL;
}

/* The value of a parameter, "" if it is missing. */
static const char *
find(const struct params *params, const char *name)
{
	for (size_t i = 0; i < params->n; i++) {
		if (strcmp(params->list[i].name, name) == 0)
			return params->list[i].value;
	}
	return "";
}

/* Compares what was sent with what it has to be, in a time that does not tell how much is right. */
static bool
is_same(const char *sent, const char *right)
{
	size_t n = strlen(right);

	return strlen(sent) == n && crypt_equal(sent, right, n);
}

/* A body needs its digest; a digest must be that of the body, even of an empty one. */
static bool
body_is_covered(const char *sent, struct str body)
{
	char digest[MD5_DIGEST_STRING_LENGTH];

	if (*sent == '\0')
		return body.n == 0;
	(void)MD5Data((const uint8_t *)(body.n == 0 ? "" : body.p), body.n, digest);
	return is_same(sent, digest);
}

static bool
is_now(const char *text, int64_t now)
{
	size_t n = strlen(text);
	int64_t time;

	if (n == 0 || n > 12 || strspn(text, "0123456789") != n)
		return false;
	time = strtoll(text, NULL, 10);
	return time >= now - APPSIGN_SECONDS && time <= now + APPSIGN_SECONDS;
}

/* Whether the signature is that of the request, if its path is written so. */
static bool
is_signed(const struct appsign *s, const struct params *params, const char *path)
{
	char right[CRYPT_HEX_SIZE];
	const char *sep = "";
	struct buf text;

	buf_init(&text, 65536);
	buf_printf(&text, "%s\n%s\n", s->method, path);
	for (size_t i = 0; i < params->n; i++) {
		const struct param *p = &params->list[i];

		if (strcmp(p->name, "auth_signature") == 0)
			continue;
		buf_printf(&text, "%s%s=%s", sep, p->name, p->value);
		sep = "&";
	}
	crypt_hmac_hex(str_of(s->secret), (struct str){text.p, text.n}, right);
	buf_finish(&text);
	return !text.full && is_same(find(params, "auth_signature"), right);
}

const char *
appsign_check(struct arena *mem, const struct appsign *s)
{
	const char *path = query_decode(mem, str_of(s->path)), *wrong;
	struct params params;

	if ((wrong = read_params(mem, s->query, &params)) != NULL)
		return wrong;
	if (path == NULL || !is_plain(path, ""))
		return "the path can't be signed";
	if (strcmp(find(&params, "auth_key"), s->key) != 0)
		return "auth_key is not the key of this application";
	if (strcmp(find(&params, "auth_version"), "1.0") != 0)
		return "auth_version must be 1.0";
	if (!is_now(find(&params, "auth_timestamp"), s->now))
		return "auth_timestamp must be seconds since 1970, at most 600 away from now";
	if (!body_is_covered(find(&params, "body_md5"), s->body))
		return "body_md5 is not the MD5 of the body";
	if (!is_signed(s, &params, s->path) && !is_signed(s, &params, path))
		return "auth_signature is not that of this request";
	return NULL;
}
