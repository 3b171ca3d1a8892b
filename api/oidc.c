/* SPDX-License-Identifier: MIT */
/* /v1/oidc: login with an OpenID provider (OpenID Connect Core 1.0, 3.1: the authorization code
 * flow, with PKCE).
 *
 * The browser is sent to the provider, and comes back with a code that is exchanged for an ID token
 * within the request: the only call that a worker makes to another host. A person is in front of
 * all this, so what goes wrong ends on the page, /?login_error=..., and not as a problem document:
 * cancelled (there), expired (too late, or not begun in this browser), provider (it does not do as
 * it should), linked (the identity is another account's, or the account has another one there).
 */
#include "db.h"
#include "identities.h"
#include "idtoken.h"
#include "oidcstate.h"
#include "providers.h"
#include "query.h"
#include "route.h"
#include "sessions.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/log.h"
#include "sql.h"
#include "throttle.h"

#include <inttypes.h>

#define SECRET_BYTES 32
#define LIMIT_MS     10000 /* for all that is asked of the provider in one request */
#define TRIES        3

static const char *
cookie_name(const struct req *r)
{
	return strcmp(r->env.scheme, "https") == 0 ? "__Host-maru_oidc" : "maru_oidc";
}

/* Lax, not Strict: the browser comes back from another site. */
static void
set_cookie(struct req *r, const char *value)
{
	const char *secure = strcmp(r->env.scheme, "https") == 0 ? "; Secure" : "";

	req_header(r, "Set-Cookie: %s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s",
	    cookie_name(r), value, value[0] == '\0' ? 0 : OIDCSTATE_SECONDS, secure);
}

static const char *
draw(struct req *r)
{
	unsigned char bytes[SECRET_BYTES];
	char text[CRYPT_B64_SIZE(SECRET_BYTES)];

	crypt_random(bytes, sizeof(bytes));
	crypt_b64(bytes, sizeof(bytes), text);
	return arena_strdup(&r->mem, text);
}

static enum err
find_provider(const struct req *r, struct provider *p)
{
	return providers_find(r->conf, req_text(r, "provider"), p) ? OK : ERR_NOT_FOUND;
}

/* Each exchange of a code keeps a worker waiting: those that fail are counted per network. */
static const char *
counter(struct req *r)
{
	return arena_printf(&r->mem, "oidc-from:%s", throttle_network(r));
}

static void
add_param(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=", name);
	query_encode(out, str_of(value));
}

static void
add_redirect(struct req *r, struct buf *out, const struct provider *p)
{
	size_t n = strlen(r->conf->public_url);
	bool slash = n > 0 && r->conf->public_url[n - 1] == '/';

	add_param(out, "&redirect_uri",
	    arena_printf(&r->mem, "%s%sv1/oidc/%s/callback", r->conf->public_url, slash ? "" : "/",
		p->name));
}

/* Where the browser is sent to. */
static struct str
make_location(
    struct req *r, const struct provider *p, const struct endpoints *at, const struct oidcstate *s)
{
	char challenge[CRYPT_B64_SIZE(CRYPT_HASH)];
	struct buf *out = req_buf(r, 8192);
	unsigned char hash[CRYPT_HASH];

	crypt_sha256(str_of(s->verifier), hash);
	crypt_b64(hash, sizeof(hash), challenge);
	buf_printf(out, "%s%cresponse_type=code&", at->authorization,
	    strchr(at->authorization, '?') == NULL ? '?' : '&');
	add_param(out, "client_id", p->client_id);
	add_redirect(r, out, p);
	add_param(out, "&scope", p->scope);
	add_param(out, "&state", s->state);
	add_param(out, "&nonce", s->nonce);
	add_param(out, "&code_challenge", challenge);
	buf_addstr(out, "&code_challenge_method=S256");
	return (struct str){out->p, out->n};
}

/* Prepares a login, or a link of the asker's account, and sets the cookie. */
static enum err
begin(struct req *r, const struct provider *p, const char *back, struct str *location)
{
	struct oidcstate s = {
	    .provider = p->name,
	    .state = draw(r),
	    .nonce = draw(r),
	    .verifier = draw(r),
	    .back = back != NULL && oidcstate_is_path(back) ? back : "/",
	    .user = r->user,
	    .session = r->session,
	    .expires = clock_wall() / 1000 + OIDCSTATE_SECONDS,
	};
	struct endpoints at;

	TRY(providers_discover(r, p, clock_mono() + LIMIT_MS, &at));
	*location = make_location(r, p, &at, &s);
	set_cookie(r, oidcstate_seal(&r->mem, str_of(r->conf->token_secret), &s));
	return OK;
}

/* Sends the browser elsewhere: 303. */
static enum err
go(struct req *r, struct str location)
{
	buf_addstr(&r->headers, "Location: ");
	buf_add(&r->headers, location.p, location.n);
	buf_addstr(&r->headers, "\r\n");
	return req_reply(r, 303, NULL);
}

static enum err
give_up(struct req *r, const char *why)
{
	return go(r, str_of(arena_printf(&r->mem, "/?login_error=%s", why)));
}

/* The provider does not do as it should; what exactly is for the log. */
static enum err
blame(struct req *r, const struct provider *p)
{
	log_warn("login with %s: %s", p->name, r->detail == NULL ? "refused" : r->detail);
	return give_up(r, "provider");
}

/* Which providers there are: 200. */
enum err
oidc_list(struct req *r)
{
	return req_reply(r, 200, json_pack("{s:o}", "providers", providers_names(r->conf)));
}

/* Begins a login: 303 to the provider. ?return_to= is where the browser goes in the end. */
enum err
oidc_start(struct req *r)
{
	struct str location;
	struct provider p;
	enum err e;

	TRY(find_provider(r, &p));
	e = begin(r, &p, req_form(r, str_of(r->query), "return_to"), &location);
	if (e == ERR_UNAVAILABLE)
		return blame(r, &p);
	TRY(e);
	return go(r, location);
}

/* Begins to link the own account: 200 with the address to go to. Not a GET: any site could send a
 * browser there, with an identity of its own waiting at the provider. */
enum err
oidc_link(struct req *r)
{
	struct str location;
	struct provider p;

	TRY(find_provider(r, &p));
	TRY(begin(r, &p, req_form(r, str_of(r->query), "return_to"), &location));
	return req_reply(r, 200, json_pack("{s:s#}", "location", location.p, (int)location.n));
}

/* The cookie that belongs to this answer of the provider. */
static bool
is_expected(struct req *r, const struct provider *p, struct oidcstate *s)
{
	const char *cookie = req_cookie(r, cookie_name(r));
	const char *state = req_form(r, str_of(r->query), "state");

	return cookie != NULL && state != NULL &&
	       oidcstate_open(&r->mem, str_of(r->conf->token_secret), str_of(cookie),
		   clock_wall() / 1000, s) &&
	       strcmp(s->provider, p->name) == 0 && strlen(s->state) == strlen(state) &&
	       crypt_equal(s->state, state, strlen(state));
}

/* Asks the provider who this is. */
static enum err
identify(struct req *r, const struct provider *p, const struct oidcstate *s, const char *code,
    struct idtoken *out)
{
	int64_t until = clock_mono() + LIMIT_MS;
	struct idtoken_expected expected = {p->issuer, p->client_id, s->nonce, clock_wall() / 1000};
	struct buf *form = req_buf(r, 8192);
	const char *token, *why;
	struct endpoints at;

	buf_addstr(form, "grant_type=authorization_code");
	add_param(form, "&code", code);
	add_redirect(r, form, p);
	add_param(form, "&code_verifier", s->verifier);
	if (form->full)
		return req_fail(r, ERR_UNAVAILABLE, "the code is too long");
	TRY(providers_discover(r, p, until, &at));
	TRY(providers_redeem(r, p, &at, (struct str){form->p, form->n}, until, &token));
	if (!idtoken_read(&r->mem, str_of(token), &expected, out, &why))
		return req_fail(r, ERR_UNAVAILABLE, "the ID token is not taken: %s", why);
	return OK;
}

/* Links the identity to the account that asked for it, or logs in. */
static enum err
enter(struct req *r, const struct provider *p, const struct oidcstate *s, const struct idtoken *id)
{
	uint64_t user;

	TRY(db_begin(r->db));
	if (s->user == 0) {
		TRY(identities_account(r, p->name, id->subject, id->nickname, &user));
		TRY(sessions_open(r, user));
	} else {
		r->user = s->user;
		r->session = s->session;
		TRY(sessions_require(r));
		TRY(identities_link(r, p->name, id->subject, s->user));
	}
	return db_commit(r->db);
}

/* A code is good once, so only what follows it is tried again. */
static enum err
enter_again(
    struct req *r, const struct provider *p, const struct oidcstate *s, const struct idtoken *id)
{
	enum err e = ERR_RETRY;

	TRY(db_ready(r->db)); /* the provider may have taken its time */
	for (unsigned i = 0; i < TRIES && e == ERR_RETRY; i++) {
		e = enter(r, p, s, id);
		db_rollback(r->db);
	}
	return e == ERR_RETRY ? ERR_UNAVAILABLE : e;
}

/* Takes the browser back from the provider: 303 to where it came from, logged in. */
enum err
oidc_callback(struct req *r)
{
	const char *code = req_form(r, str_of(r->query), "code");
	const char *error = req_form(r, str_of(r->query), "error");
	struct oidcstate s;
	struct provider p;
	struct idtoken id = {"", ""};
	enum err e;

	TRY(find_provider(r, &p));
	if (!is_expected(r, &p, &s))
		return give_up(r, "expired");
	set_cookie(r, "");
	if (error != NULL && strcmp(error, "access_denied") == 0)
		return give_up(r, "cancelled");
	if (code == NULL)
		return blame(r, &p);
	TRY(throttle_take(r, counter(r), 5 * r->conf->login_attempts, r->conf->login_window));
	if (identify(r, &p, &s, code, &id) != OK)
		return blame(r, &p);
	e = enter_again(r, &p, &s, &id);
	log_info("login with %s: %s for user %" PRIu64 " from %s", p.name,
	    e == OK ? "accepted" : "refused", r->user, r->env.address);
	if (e == ERR_CONFLICT)
		return give_up(r, "linked");
	if (e == ERR_UNAUTHENTICATED)
		return give_up(r, "expired");
	TRY(e);
	TRY(sql_throttle_forgive(r, counter(r), NULL));
	return go(r, str_of(s.back));
}
