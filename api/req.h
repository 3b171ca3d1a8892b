/* SPDX-License-Identifier: MIT */
/* One request, from its arrival to its answer. Everything in it dies with its arena.
 * A handler reads with req_id, req_query_*, req_read, acts with the sql_* functions and
 * stream_append, and answers with req_reply. It returns an error instead of writing one. */
#ifndef MARU_REQ_H
#define MARU_REQ_H

#include "env.h"
#include "field.h"
#include "row.h"
#include "shared/arena.h"
#include "shared/buf.h"
#include "shared/conf.h"
#include "shared/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct notice; /* notify.c */
struct route;

enum method { GET, POST, PUT, PATCH, DELETE, OPTIONS, METHOD_OTHER };

#define REQ_BODY_MAX     65536
#define REQ_APP_BODY_MAX 262144 /* ten events of 10 kB, each quoted once more */
#define REQ_PARAMS_MAX   4

struct req {
	struct arena mem;
	const struct conf *conf;
	struct db *db;
	struct notify *notify;

	struct req_env env;
	enum method method;
	const char *method_name;
	const char *path, *query; /* apart */
	struct str content;       /* the body as it came */
	size_t announced;         /* bytes of it; above REQ_APP_BODY_MAX nothing was read */
	int64_t started;          /* monotonic milliseconds */
	const struct route *route;
	struct {
		const char *name, *text;
		uint64_t id;
	} params[REQ_PARAMS_MAX];

	uint64_t user, session; /* 0: nobody; set by serve.c, not by handlers */
	bool guest;             /* the asker has no account (guests.c) */
	bool bot;               /* it is one, found by */
	struct str bot_key;     /* the SHA-256 of its token */
	bool local;             /* serve_local(): an admin at this very host, without a session */

	int status; /* of the answer */
	json_t *answer;
	struct str answer_text;      /* or this: JSON as text */
	const struct flow *flow;     /* or this */
	struct buf headers;          /* further header lines of the answer */
	const char *cache;           /* Cache-Control; NULL: no-store, "": none */
	const char *detail;          /* of an error */
	json_t *problems;            /* of fields: [{field, message}] */
	const char *allow;           /* with ERR_METHOD: the methods that the path has */
	unsigned retry_after;        /* seconds, with an error; 0: only with 503, then 1 */
	bool commit_anyway;          /* the handler's error is an answer, what it stored stays */
	_Atomic int64_t *busy_since; /* of the worker, see parent.c */
	struct notice *notices;      /* packets that go out if the transaction commits */
};

/* The id, or decoded text, in the path under this name, which routes.def must have. */
uint64_t req_id(const struct req *r, const char *name);
const char *req_text(const struct req *r, const char *name);

/* A number from the query, or fallback; above max it is max. ERR_INVALID if it is no number. The
 * second: ERR_INVALID unless a value of it is one of the words ("new|old"), or NULL: not given. */
enum err req_query_number(
    struct req *r, const char *name, uint64_t fallback, uint64_t max, uint64_t *out);
enum err req_query_word(struct req *r, const char *name, const char *value, const char *words);

/* Reads the JSON body, {} if there is none: by a table of fields into *in; as an object, strict
 * (depth 16, no key twice); what was made of it. ERR_INVALID lists what is wrong. */
enum err req_read(struct req *r, const struct field *fields, void *in);
enum err req_json(struct req *r, json_t **out);
enum err req_fields(struct req *r, const struct field *fields, json_t *json, void *in);

/* Whether the body is of this type, whatever the case, parameters left aside; whether it is an
 * urlencoded form. A value of a form, or a cookie's; NULL if it is missing. */
bool req_is_type(const struct req *r, const char *type);
bool req_is_form(const struct req *r);
const char *req_form(struct req *r, struct str form, const char *name);
const char *req_cookie(struct req *r, const char *name);

/* Adds a header line, of 1 kB at most or of any length, unless it would be two. */
__attribute__((format(printf, 2, 3))) void req_header(struct req *r, const char *fmt, ...);
void req_header_long(struct req *r, const char *name, struct str value);

/* Sets the answer; takes over the reference to json (NULL: no content). Returns OK. The same with
 * JSON that is text already; it must live as long as the request. */
enum err req_reply(struct req *r, int status, json_t *json);
enum err req_reply_text(struct req *r, int status, struct str json);

/* Has nginx fetch the answer from maru-push: path and query of its plain requests (push/http.h),
 * the values percent-encoded. */
enum err req_redirect(struct req *r, struct str uri);

/* Returns e after noting a detail for it, which the client sees with 4xx only; or ERR_INVALID after
 * noting what is wrong with one field. */
__attribute__((format(printf, 3, 4))) enum err req_fail(
    struct req *r, enum err e, const char *fmt, ...);
enum err req_invalid(struct req *r, const char *field, const char *message);

/* Turns an error into the answer: application/problem+json (RFC 9457). */
void req_problem(struct req *r, enum err e);

/* What lives as long as the request: JSON as text (ERR_INTERNAL if it can't be written), a JSON
 * value that is given to it, a new buffer. */
enum err req_dump(struct req *r, const json_t *json, const char **out);
json_t *req_own(struct req *r, json_t *json);
struct buf *req_buf(struct req *r, size_t max);

#endif
