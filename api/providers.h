/* SPDX-License-Identifier: MIT */
/* The OpenID providers of the settings, and what has to be asked of them. */
#ifndef MARU_PROVIDERS_H
#define MARU_PROVIDERS_H

#include "req.h"

struct provider {
	const char *name, *issuer, *client_id, *client_secret, *scope;
};

/* Where a provider is to be talked to; from its discovery document. */
struct endpoints {
	const char *authorization, *token;
	bool basic; /* the secret goes into the header Authorization, not into the form */
};

/* Prepares the places of those who ask (parent, before fork). False with errno. */
bool providers_init(void);

/* The provider of this name, if the settings have one. */
bool providers_find(const struct conf *conf, const char *name, struct provider *out);

/* The names of all that are set, as a JSON list; a new reference. */
json_t *providers_names(const struct conf *conf);

/* Its endpoints; asked for once in an hour. ERR_UNAVAILABLE with the reason in the log. until: when
 * to have an answer, clock_mono(). */
enum err providers_discover(
    struct req *r, const struct provider *p, int64_t until, struct endpoints *out);

/* Exchanges a code for an ID token, in the arena; the same errors. */
enum err providers_redeem(struct req *r, const struct provider *p, const struct endpoints *at,
    struct str form, int64_t until, const char **id_token);

#endif
