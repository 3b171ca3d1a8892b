/* SPDX-License-Identifier: MIT */
#include "route.h"

#include "query.h"

#include <string.h>

static const struct route routes[] = {
#define ROUTE(method, path, handler, flags) {method, path, handler, flags},
#include "routes.def"
#undef ROUTE
};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static const char *const method_names[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

enum method
route_method(const char *name)
{
	for (unsigned i = 0; i < METHOD_OTHER; i++) {
		if (strcmp(name, method_names[i]) == 0)
			return (enum method)i;
	}
	return METHOD_OTHER;
}

/* Reads a segment as an id: decimal, positive, canonical, below 2^53 so that every JSON reader
 * keeps it exact. */
static bool
read_id(const char *s, size_t n, uint64_t *id)
{
	*id = 0;
	if (n == 0 || n > 16 || s[0] == '0')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*id = *id * 10 + (uint64_t)(s[i] - '0');
	}
	return *id < (uint64_t)1 << 53;
}

/* Reads a segment as the parameter that the pattern names. */
static bool
take_param(struct req *r, unsigned place, struct str pattern, struct str segment)
{
	if (place == REQ_PARAMS_MAX)
		return false;
	r->params[place].name = arena_strndup(&r->mem, pattern.p + 1, pattern.n - 1);
	if (pattern.p[0] == ':')
		return read_id(segment.p, segment.n, &r->params[place].id);
	r->params[place].text = query_decode(&r->mem, segment);
	return r->params[place].text != NULL;
}

/* Compares segment by segment; parameters go to r->params. */
static bool
match(struct req *r, const char *pattern)
{
	const char *path = r->path;
	unsigned params = 0;

	memset(r->params, 0, sizeof(r->params));
	while (*pattern == '/' && *path == '/') {
		size_t n = strcspn(++pattern, "/"), m = strcspn(++path, "/");

		if (*pattern == ':' || *pattern == '*') {
			if (!take_param(
				r, params++, (struct str){pattern, n}, (struct str){path, m}))
				return false;
		} else if (n != m || memcmp(pattern, path, n) != 0) {
			return false;
		}
		pattern += n;
		path += m;
	}
	return *pattern == '\0' && *path == '\0';
}

enum err
route_find(struct req *r)
{
	struct buf allow;
	enum err e = ERR_NOT_FOUND;

	buf_init(&allow, 256);
	for (size_t i = 0; i < ROUTES && e != OK; i++) {
		if (!match(r, routes[i].path))
			continue;
		buf_printf(&allow, "%s%s", allow.n > 0 ? ", " : "", method_names[routes[i].method]);
		e = ERR_METHOD;
		if (routes[i].method == r->method) {
			r->route = &routes[i];
			e = OK;
		}
	}
	if (e == ERR_METHOD)
		r->allow = arena_strndup(&r->mem, allow.p, allow.n);
	buf_finish(&allow);
	return e;
}
