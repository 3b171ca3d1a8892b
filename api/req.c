/* SPDX-License-Identifier: MIT */
/* Reading a request and setting its answer; see req.h. */
#include "req.h"

#include "query.h"
#include "strictjson.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* The place of a parameter. A handler that asks for what its route does not have is our mistake. */
static unsigned
find_param(const struct req *r, const char *name)
{
	unsigned i = 0;

	while (
	    i < REQ_PARAMS_MAX && r->params[i].name != NULL && strcmp(r->params[i].name, name) != 0)
		i++;
	assert(i < REQ_PARAMS_MAX && r->params[i].name != NULL);
	return i;
}

uint64_t
req_id(const struct req *r, const char *name)
{
	return r->params[find_param(r, name)].id;
}

const char *
req_text(const struct req *r, const char *name)
{
	return r->params[find_param(r, name)].text;
}

static void
drop_json(void *json)
{
	json_decref(json);
}

static void
drop_buf(void *b)
{
	buf_finish(b);
}

struct buf *
req_buf(struct req *r, size_t max)
{
	struct buf *b = arena_alloc(&r->mem, sizeof(*b));

	buf_init(b, max);
	arena_defer(&r->mem, drop_buf, b);
	return b;
}

json_t *
req_own(struct req *r, json_t *json)
{
	arena_defer(&r->mem, drop_json, json);
	return json;
}

enum err
req_invalid(struct req *r, const char *name, const char *message)
{
	if (r->problems == NULL)
		r->problems = req_own(r, json_array());
	(void)json_array_append_new(
	    r->problems, json_pack("{s:s, s:s}", "field", name, "message", message));
	return ERR_INVALID;
}

enum err
req_query_word(struct req *r, const char *name, const char *value, const char *words)
{
	if (value == NULL || field_is_word(words, value))
		return OK;
	return req_invalid(r, name, arena_printf(&r->mem, "must be one of %s", words));
}

enum err
req_query_number(struct req *r, const char *name, uint64_t fallback, uint64_t max, uint64_t *out)
{
	const char *text = query_value(&r->mem, str_of(r->query), name);
	char *end;

	*out = fallback;
	if (text == NULL || *text == '\0')
		return OK;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
		return req_invalid(r, name, "must be a whole number from 0");
	if (*out > max)
		*out = max;
	return OK;
}

bool
req_is_type(const struct req *r, const char *type)
{
	size_t n = strcspn(r->env.content_type, "; \t");

	return n == strlen(type) && strncasecmp(r->env.content_type, type, n) == 0;
}

bool
req_is_form(const struct req *r)
{
	return strncasecmp(r->env.content_type, "application/x-www-form-urlencoded", 33) == 0;
}

const char *
req_form(struct req *r, struct str form, const char *name)
{
	return query_value(&r->mem, form, name);
}

const char *
req_cookie(struct req *r, const char *name)
{
	const char *p = r->env.cookie;
	size_t n = strlen(name);

	while (*p != '\0') {
		size_t len = strcspn(p, ";");

		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=')
			return arena_strndup(&r->mem, p + n + 1, len - n - 1);
		p += len;
		p += strspn(p, "; ");
	}
	return NULL;
}

enum err
req_json(struct req *r, json_t **out)
{
	const char *why = NULL;
	json_t *json;

	if (r->content.n == 0) {
		*out = req_own(r, json_object());
		return OK;
	}
	if ((json = strictjson_parse(r->content, &why)) == NULL)
		return req_fail(r, ERR_BAD_JSON, "%s", why);
	*out = req_own(r, json);
	if (!json_is_object(json))
		return req_fail(r, ERR_BAD_JSON, "the body must be a JSON object");
	return OK;
}

enum err
req_fields(struct req *r, const struct field *fields, json_t *json, void *in)
{
	if (r->problems == NULL)
		r->problems = req_own(r, json_array());
	return field_read(fields, json, in, &r->mem, r->problems) ? OK : ERR_INVALID;
}

enum err
req_read(struct req *r, const struct field *fields, void *in)
{
	json_t *json = NULL;

	TRY(req_json(r, &json));
	return req_fields(r, fields, json, in);
}

void
req_header(struct req *r, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* A line that was cut, or that would be two, is left out. */
	if (n <= 0 || (size_t)n >= sizeof(line) || strpbrk(line, "\r\n") != NULL)
		return;
	buf_add(&r->headers, line, (size_t)n);
	buf_addstr(&r->headers, "\r\n");
}

void
req_header_long(struct req *r, const char *name, struct str value)
{
	if (memchr(value.p, '\r', value.n) != NULL || memchr(value.p, '\n', value.n) != NULL)
		return;
	buf_printf(&r->headers, "%s: ", name);
	buf_add(&r->headers, value.p, value.n);
	buf_addstr(&r->headers, "\r\n");
}

enum err
req_reply(struct req *r, int status, json_t *json)
{
	r->status = status;
	r->answer = json == NULL ? NULL : req_own(r, json);
	r->answer_text = (struct str){NULL, 0};
	return OK;
}

enum err
req_reply_text(struct req *r, int status, struct str json)
{
	r->status = status;
	r->answer_text = json;
	return OK;
}

enum err
req_redirect(struct req *r, struct str uri)
{
	buf_addstr(&r->headers, "X-Accel-Redirect: /_push");
	buf_add(&r->headers, uri.p, uri.n);
	buf_addstr(&r->headers, "\r\n");
	return req_reply(r, 200, NULL);
}

enum err
req_fail(struct req *r, enum err e, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->detail = arena_strdup(&r->mem, text);
	return e;
}

enum err
req_dump(struct req *r, const json_t *json, const char **out)
{
	char *text = json_dumps(json, JSON_COMPACT);

	if (text == NULL)
		return req_fail(r, ERR_INTERNAL, "a value could not be written as JSON");
	*out = arena_strdup(&r->mem, text);
	free(text);
	return OK;
}

void
req_problem(struct req *r, enum err e)
{
	const struct err_info *info = err_info(e);
	json_t *p = json_object();

	(void)json_object_set_new(p, "type", json_sprintf("/problems/%s", info->slug));
	(void)json_object_set_new(p, "title", json_string(info->title));
	(void)json_object_set_new(p, "status", json_integer(info->status));
	if (r->detail != NULL && info->status < 500)
		(void)json_object_set_new(p, "detail", json_string(r->detail));
	(void)json_object_set_new(p, "instance", json_string(r->path));
	(void)json_object_set_new(p, "request_id", json_string(r->env.id));
	if (e == ERR_INVALID && json_array_size(r->problems) > 0)
		(void)json_object_set(p, "errors", r->problems);
	buf_clear(&r->headers);
	if (r->retry_after != 0 || info->status == 503)
		req_header(r, "Retry-After: %u", r->retry_after != 0 ? r->retry_after : 1);
	if (e == ERR_METHOD && r->allow != NULL)
		req_header(r, "Allow: %s", r->allow);
	if (e == ERR_TUS_VERSION)
		req_header(r, "Tus-Version: 1.0.0");
	if (info->status == 401)
		req_header(r, "WWW-Authenticate: Bearer");
	(void)req_reply(r, info->status, p);
}
