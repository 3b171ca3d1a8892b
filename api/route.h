/* SPDX-License-Identifier: MIT */
/* Which handler answers: routes.def as a table. */
#ifndef MARU_ROUTE_H
#define MARU_ROUTE_H

#include "req.h"

/* routes.def explains them. */
enum {
	USER = 1,
	TX = 2,
	SELF = 4,
	FORM = 8,
	BARE = 16,
	APP = 32,
	PERSON = 64,
	BLOB = 128,
	GUEST = 256
};

struct route {
	enum method method;
	const char *path;
	enum err (*handler)(struct req *r);
	int flags;
};

#define ROUTE(method, path, handler, flags) enum err handler(struct req *r);
#include "routes.def"
#undef ROUTE

/* Finds the route of r->method and r->path, sets r->route and r->params. ERR_NOT_FOUND, or
 * ERR_METHOD when only the method is wrong (r->allow: the right ones). */
enum err route_find(struct req *r);

/* The method's number; METHOD_OTHER for names that no route has. */
enum method route_method(const char *name);

#endif
