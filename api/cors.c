/* SPDX-License-Identifier: MIT */
#include "cors.h"

/* The page lives under the address that this request was sent to. Only host and port are compared:
 * a proxy that ends TLS in front of nginx would make the schemes differ. */
static bool
is_own(const struct req *r)
{
	const char *host = strstr(r->env.origin, "://");

	return host != NULL && r->env.host[0] != '\0' && strcmp(host + 3, r->env.host) == 0;
}

static bool
is_listed(const struct req *r)
{
	return r->env.origin[0] != '\0' &&
	       conf_list_has(r->conf->cors_origins, str_of(r->env.origin));
}

enum err
cors_check(struct req *r)
{
	if (r->method == GET || r->env.origin[0] == '\0' || is_own(r) || is_listed(r))
		return OK;
	return ERR_BAD_ORIGIN;
}

enum err
cors_preflight(struct req *r)
{
	if (is_listed(r)) {
		req_header(r, "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE");
		req_header(r, "Access-Control-Allow-Headers: Authorization, Content-Type, "
			      "Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset");
		req_header(r, "Access-Control-Max-Age: 600");
	}
	return req_reply(r, 204, NULL);
}

void
cors_headers(struct req *r)
{
	if (r->conf->cors_origins[0] == '\0')
		return;
	req_header(r, "Vary: Origin");
	if (is_listed(r)) {
		req_header(r, "Access-Control-Allow-Origin: %s", r->env.origin);
		req_header(r, "Access-Control-Allow-Credentials: true");
		req_header(r, "Access-Control-Expose-Headers: Retry-After, Location, "
			      "Tus-Resumable, Upload-Length, Upload-Offset");
	}
}
