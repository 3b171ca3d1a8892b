/* SPDX-License-Identifier: MIT */
/* Every worker has a connection and a cache of its own; a reload of the settings starts new
 * workers. One that has asked in vain asks again only after a moment, so that a provider that does
 * not answer costs little of everybody's time. */
#include "providers.h"

#include "places.h"
#include "query.h"
#include "remote.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "strictjson.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT      3
#define KEEP_MS    3600000
#define RETRY_MS   3000
#define ANSWER_MAX 65536
#define WAIT_MS    1000 /* for a place */
#define SHARE      4    /* one in so many workers may wait for providers, or two */

static struct {
	char *authorization, *token;
	bool basic;
	int64_t until; /* monotonic; without endpoints: when it may be asked again */
} cache[COUNT];

static struct remote *line;
static struct places places = {-1};

bool
providers_init(void)
{
	return places_init(&places, "maru-provider-places");
}

/* The n-th provider; false if it is not set. */
static bool
get(const struct conf *c, unsigned n, struct provider *out)
{
	const struct provider all[COUNT] = {
	    {"kakao", "https://kauth.kakao.com", c->oidc_kakao_client_id,
		c->oidc_kakao_client_secret, "openid profile_nickname"},
	    {"google", "https://accounts.google.com", c->oidc_google_client_id,
		c->oidc_google_client_secret, "openid profile"},
	    {c->oidc_name, c->oidc_issuer, c->oidc_client_id, c->oidc_client_secret,
		"openid profile"},
	};

	*out = all[n];
	return out->name[0] != '\0' && out->client_id[0] != '\0';
}

bool
providers_find(const struct conf *conf, const char *name, struct provider *out)
{
	for (unsigned i = 0; i < COUNT; i++) {
		if (get(conf, i, out) && strcmp(out->name, name) == 0)
			return true;
	}
	return false;
}

json_t *
providers_names(const struct conf *conf)
{
	json_t *names = json_array();
	struct provider p;

	for (unsigned i = 0; i < COUNT; i++) {
		if (get(conf, i, &p))
			(void)json_array_append_new(names, json_string(p.name));
	}
	return names;
}

/* Calls, if not too many others do: a provider that does not answer must not keep all workers. */
static int
call(const struct req *r, const struct remote_http *h, char why[REMOTE_WHY_SIZE])
{
	long most = (long)r->conf->workers / SHARE;
	long place = places_enter(&places, most < 2 ? 2 : most, WAIT_MS);
	int status = 0;

	if (place < 0) {
		(void)snprintf(why, REMOTE_WHY_SIZE, "too many wait for it");
		return 0;
	}
	if (line == NULL)
		line = remote_create();
	status = remote_http(line, h, why);
	places_leave(&places, place);
	return status;
}

/* Calls and parses the answer; ERR_UNAVAILABLE if that is no JSON object with status 200. What the
 * provider says is not logged: it may hold tokens. */
static enum err
ask(struct req *r, struct remote_http *h, int64_t until, json_t **out)
{
	int64_t left = until - clock_mono();
	char why[REMOTE_WHY_SIZE];
	const char *bad;
	int status;

	if (left <= 0)
		return req_fail(r, ERR_UNAVAILABLE, "%s: no time left", h->url);
	h->answer = req_buf(r, ANSWER_MAX);
	h->limit_ms = (long)left;
	status = call(r, h, why);
	if (status != 200)
		return req_fail(
		    r, ERR_UNAVAILABLE, "%s: %d %s", h->url, status, status == 0 ? why : "");
	*out = strictjson_parse((struct str){h->answer->p, h->answer->n}, &bad);
	if (*out == NULL)
		return req_fail(r, ERR_UNAVAILABLE, "%s: no JSON", h->url);
	(void)req_own(r, *out);
	return json_is_object(*out) ? OK : req_fail(r, ERR_UNAVAILABLE, "%s: no object", h->url);
}

/* Where no methods are named it is the header (Discovery 1.0, section 3). */
static bool
wants_basic(const json_t *doc)
{
	const json_t *methods = json_object_get(doc, "token_endpoint_auth_methods_supported"), *one;
	size_t i;

	json_array_foreach (methods, i, one) {
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), "client_secret_post") == 0)
			return false;
	}
	return true;
}

/* An endpoint that may be used, copied for good; NULL if it may not. */
static char *
keep(const json_t *doc, const char *name)
{
	const char *url = row_text(doc, name);

	return conf_is_secure(url) && strpbrk(url, "\r\n#") == NULL && strlen(url) < 1000
		   ? strdup(url)
		   : NULL;
}

static enum err
learn(struct req *r, const struct provider *p, int64_t until, unsigned n)
{
	size_t len = strlen(p->issuer);
	const char *slash = len > 0 && p->issuer[len - 1] == '/' ? "" : "/";
	struct remote_http h = {.headers = {"Accept: application/json"}};
	json_t *doc = NULL;

	cache[n].until = clock_mono() + RETRY_MS;
	h.url = arena_printf(&r->mem, "%s%s.well-known/openid-configuration", p->issuer, slash);
	TRY(ask(r, &h, until, &doc));
	if (strcmp(row_text(doc, "issuer"), p->issuer) != 0)
		return req_fail(r, ERR_UNAVAILABLE, "%s: is of another issuer", h.url);
	cache[n].authorization = keep(doc, "authorization_endpoint");
	cache[n].token = keep(doc, "token_endpoint");
	cache[n].basic = wants_basic(doc);
	if (cache[n].authorization == NULL || cache[n].token == NULL)
		return req_fail(r, ERR_UNAVAILABLE, "%s: has no endpoints with https://", h.url);
	cache[n].until = clock_mono() + KEEP_MS;
	return OK;
}

static void
forget(unsigned n)
{
	free(cache[n].authorization);
	free(cache[n].token);
	cache[n].authorization = cache[n].token = NULL;
}

enum err
providers_discover(struct req *r, const struct provider *p, int64_t until, struct endpoints *out)
{
	struct provider other;
	unsigned n = 0;
	enum err e;

	while (n < COUNT - 1 && (!get(r->conf, n, &other) || strcmp(other.name, p->name) != 0))
		n++;
	if (cache[n].until <= clock_mono()) {
		forget(n);
		if ((e = learn(r, p, until, n)) != OK) {
			forget(n);
			return e;
		}
	} else if (cache[n].token == NULL) {
		return req_fail(r, ERR_UNAVAILABLE, "%s did not answer a moment ago", p->name);
	}
	*out = (struct endpoints){
	    arena_strdup(&r->mem, cache[n].authorization),
	    arena_strdup(&r->mem, cache[n].token),
	    cache[n].basic,
	};
	return OK;
}

/* The header for client_id and secret, each form-encoded first (RFC 6749, 2.3.1). */
static const char *
basic(struct req *r, const struct provider *p)
{
	struct buf *pair = req_buf(r, 4096);
	char *coded;

	query_encode(pair, str_of(p->client_id));
	buf_addch(pair, ':');
	query_encode(pair, str_of(p->client_secret));
	coded = arena_alloc(&r->mem, CRYPT_B64_SIZE(pair->n));
	crypt_base64(pair->p, pair->n, coded);
	return arena_printf(&r->mem, "Authorization: Basic %s", coded);
}

enum err
providers_redeem(struct req *r, const struct provider *p, const struct endpoints *at,
    struct str form, int64_t until, const char **id_token)
{
	struct remote_http h = {
	    .url = at->token,
	    .headers = {"Accept: application/json",
		"Content-Type: application/x-www-form-urlencoded"},
	};
	struct buf *body = req_buf(r, 16384);
	json_t *answer = NULL;

	buf_add(body, form.p, form.n);
	buf_addstr(body, "&client_id=");
	query_encode(body, str_of(p->client_id));
	if (at->basic && p->client_secret[0] != '\0') {
		h.headers[2] = basic(r, p);
	} else if (p->client_secret[0] != '\0') {
		buf_addstr(body, "&client_secret=");
		query_encode(body, str_of(p->client_secret));
	}
	if (body->full)
		return req_fail(r, ERR_UNAVAILABLE, "the code is too long");
	h.body = (struct str){body->p, body->n};
	TRY(ask(r, &h, until, &answer));
	*id_token = row_text(answer, "id_token");
	return OK;
}
