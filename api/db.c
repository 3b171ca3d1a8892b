/* SPDX-License-Identifier: MIT */
/* The connection behind db.h: opens it, prepares statements when they are first used, binds, and
 * turns rows into JSON. Reconnecting is never automatic inside a request: a transaction that lost
 * its connection is gone, and only serve.c may run the handler again. */
#include "db.h"

#include "dberr.h"
#include "hang.h"
#include "req.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "timing.h"

#include <assert.h>
#include <mysql.h>
#include <poll.h>
#include <stdlib.h>

#define CONNECT_SECONDS 2
#define ANSWER_SECONDS  4 /* longer than innodb_lock_wait_timeout below */

struct db {
	const struct conf *conf;
	MYSQL *link;           /* NULL: not connected */
	MYSQL_STMT **prepared; /* by number; NULL until used on this connection */
	bool in_transaction;
	bool stale;
	uint64_t insert_id;
	int64_t asked; /* monotonic; when the statement at hand was sent */
};

struct db *
db_create(const struct conf *conf)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL || (db->prepared = calloc(db_text_count, sizeof(MYSQL_STMT *))) == NULL)
		abort();
	db->conf = conf;
	return db;
}

static void
disconnect(struct db *db)
{
	for (unsigned i = 0; i < db_text_count; i++) {
		if (db->prepared[i] != NULL)
			(void)mysql_stmt_close(db->prepared[i]);
		db->prepared[i] = NULL;
	}
	mysql_close(db->link);
	db->link = NULL;
	db->in_transaction = false;
}

void
db_destroy(struct db *db)
{
	if (db == NULL)
		return;
	if (db->link != NULL)
		disconnect(db);
	free(db->prepared);
	free(db);
}

/* Judges what went wrong, and drops a connection that is of no more use. */
static enum err
fail(struct db *db, unsigned code, const char *text, const char *what)
{
	enum err e = dberr_map(code);

	db->stale = code == DBERR_GONE;
	if (dberr_is_lost(code)) {
		hang_note(db->asked);
		log_warn("database: %s: %s (%u)", what, text, code);
		disconnect(db);
	} else if (e != ERR_CONFLICT && e != ERR_RETRY) {
		log_error("database: %s: %s (%u)", what, text, code);
	}
	return e;
}

static enum err
run_plain(struct db *db, const char *sql)
{
	int64_t since = timing_now();
	int failed;

	if (db->link == NULL)
		return ERR_UNAVAILABLE; /* an earlier statement has lost it */
	db->asked = clock_mono();
	failed = mysql_real_query(db->link, sql, strlen(sql));
	timing_add(TIMING_DB, since);
	if (!failed)
		return OK;
	return fail(db, mysql_errno(db->link), mysql_error(db->link), sql);
}

/* A database that hangs must not hang the worker. The kernel's SO_RCVTIMEO would save a poll() for
 * each answer, but does not help: the library takes its EAGAIN for "not yet" and then waits in a
 * poll() without a limit. */
static void
limit_waiting(MYSQL *link)
{
	const unsigned connect = CONNECT_SECONDS, answer = ANSWER_SECONDS;

	(void)mysql_options(link, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
	(void)mysql_options(link, MYSQL_OPT_READ_TIMEOUT, &answer);
	(void)mysql_options(link, MYSQL_OPT_WRITE_TIMEOUT, &answer);
}

static enum err
connect_now(struct db *db)
{
	const struct conf *c = db->conf;
	bool local = c->db_socket[0] != '\0';
	int64_t since = timing_now();
	bool failed;

	db->asked = clock_mono();
	if ((db->link = mysql_init(NULL)) == NULL)
		abort();
	limit_waiting(db->link);
	(void)mysql_options(db->link, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	failed = mysql_real_connect(db->link, local ? NULL : c->db_host, c->db_user, c->db_password,
		     c->db_name, (unsigned)c->db_port, local ? c->db_socket : NULL,
		     CLIENT_FOUND_ROWS | CLIENT_MULTI_RESULTS) == NULL;
	timing_add(TIMING_DB, since);
	if (failed)
		return fail(db, mysql_errno(db->link), mysql_error(db->link), "connect");
	TRY(run_plain(db, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
	return run_plain(db, "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = 3, "
			     "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'");
}

enum err
db_ready(struct db *db)
{
	struct pollfd p;

	db->stale = false;
	if (hang_is_on())
		return ERR_UNAVAILABLE;
	if (db->link != NULL) {
		/* Nobody speaks on an idle connection except a server that closes it. */
		p = (struct pollfd){.fd = mysql_get_socket(db->link), .events = POLLIN};
		if (poll(&p, 1, 0) == 0)
			return OK;
		disconnect(db);
	}
	if (connect_now(db) == OK)
		return OK;
	if (db->link != NULL)
		disconnect(db);
	return ERR_UNAVAILABLE;
}

bool
db_was_stale(const struct db *db)
{
	return db->stale;
}

uint64_t
db_insert_id(const struct db *db)
{
	return db->insert_id;
}

enum err
db_begin(struct db *db)
{
	enum err e = run_plain(db, "START TRANSACTION");

	db->in_transaction = e == OK;
	return e;
}

enum err
db_commit(struct db *db)
{
	enum err e;

	if (!db->in_transaction)
		return OK;
	db->in_transaction = false;
	e = run_plain(db, "COMMIT");
	db->stale = false;
	if (e != OK && db->link != NULL)
		(void)run_plain(db, "ROLLBACK");
	return e == ERR_UNAVAILABLE && db->link == NULL ? ERR_IN_DOUBT : e;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->in_transaction = false;
	if (run_plain(db, "ROLLBACK") != OK && db->link != NULL)
		disconnect(db); /* never reuse a connection whose state is unknown */
}

/* The prepared statement of a number; prepares it when it is first used on this connection. */
static enum err
prepare(struct db *db, unsigned sql, MYSQL_STMT **out)
{
	const struct db_text *t = &db_texts[sql];
	MYSQL_STMT *s = db->prepared[sql];
	my_bool measure = 1;
	enum err e;

	if (db->link == NULL)
		return ERR_UNAVAILABLE; /* an earlier statement has lost it */
	if (s == NULL) {
		if ((s = mysql_stmt_init(db->link)) == NULL)
			abort();
		if (mysql_stmt_prepare(s, t->sql, strlen(t->sql)) != 0) {
			e = fail(db, mysql_stmt_errno(s), mysql_stmt_error(s), t->name);
			(void)mysql_stmt_close(s);
			return e;
		}
		assert(mysql_stmt_param_count(s) == t->params);
		(void)mysql_stmt_attr_set(s, STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
		db->prepared[sql] = s;
	}
	*out = s;
	return OK;
}

static void
bind_args(struct arena *mem, MYSQL_STMT *s, const struct db_arg *args, unsigned n)
{
	MYSQL_BIND *b = arena_alloc(mem, n * sizeof(*b));

	for (unsigned i = 0; i < n; i++) {
		const struct db_arg *a = &args[i];
		bool text = a->type == DB_ARG_TEXT;
		const void *value = text ? (const void *)a->text.p : &a->number;

		if (a->type == DB_ARG_ID)
			value = &a->id;
		b[i].buffer_type = text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
		b[i].is_unsigned = a->type == DB_ARG_ID;
		/* The library only reads what is bound here; its type is without const. */
		memcpy(&b[i].buffer, &value, sizeof(value));
		b[i].buffer_length = (unsigned long)a->text.n;
		if (text && a->text.p == NULL)
			b[i].buffer_type = MYSQL_TYPE_NULL;
	}
	if (n > 0)
		(void)mysql_stmt_bind_param(s, b);
}

/* Executes; a connection lost under way leaves a statement that commits by itself in doubt. */
static enum err
execute(struct req *r, unsigned sql, const struct db_arg *args, MYSQL_STMT **out)
{
	struct db *db = r->db;
	MYSQL_STMT *s = NULL;
	enum err e;

	TRY(prepare(db, sql, &s));
	bind_args(&r->mem, s, args, db_texts[sql].params);
	db->asked = clock_mono();
	if (mysql_stmt_execute(s) == 0) {
		db->insert_id = mysql_stmt_insert_id(s);
		*out = s;
		return OK;
	}
	/* A read is never in doubt; nor is what a transaction loses before its COMMIT. */
	bool alone = !db->in_transaction && strncmp(db_texts[sql].sql, "SELECT", 6) != 0;
	e = fail(db, mysql_stmt_errno(s), mysql_stmt_error(s), db_texts[sql].name);
	if (e == ERR_UNAVAILABLE && db->link == NULL && alone && !db->stale)
		return ERR_IN_DOUBT;
	return e;
}

struct column {
	const char *name;
	enum { COL_INT, COL_UINT, COL_TIME, COL_TEXT, COL_BOOL, COL_JSON } type;
	union {
		long long number;
		MYSQL_TIME time;
		char *text;
	} value;
	unsigned long length;
	my_bool null;
	bool optional; /* NULL: no member at all */
};

static void
set_type(struct arena *mem, struct column *c, const MYSQL_FIELD *f)
{
	const char *suffix = f->name + strcspn(f->name, "$");

	c->name = arena_strndup(mem, f->name, (size_t)(suffix - f->name));
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG: c->type = f->flags & UNSIGNED_FLAG ? COL_UINT : COL_INT; break;
	case MYSQL_TYPE_DATETIME: c->type = COL_TIME; break;
	default: c->type = COL_TEXT; break;
	}
	if (strstr(suffix, "$bool") != NULL)
		c->type = COL_BOOL;
	else if (strstr(suffix, "$json") != NULL)
		c->type = COL_JSON;
	else if (strstr(suffix, "$text") != NULL)
		c->type = COL_TEXT;
	c->optional = strstr(suffix, "$opt") != NULL;
}

static void
bind_column(struct arena *mem, struct column *c, const MYSQL_FIELD *f, MYSQL_BIND *b)
{
	set_type(mem, c, f);
	b->is_null = &c->null;
	b->length = &c->length;
	switch (c->type) {
	case COL_TEXT:
	case COL_JSON:
		/* 20 digits and a sign where a number is wanted as text. */
		b->buffer_length = f->max_length > 24 ? f->max_length : 24;
		b->buffer = c->value.text = arena_alloc(mem, b->buffer_length);
		b->buffer_type = MYSQL_TYPE_STRING;
		break;
	case COL_TIME:
		b->buffer = &c->value.time;
		b->buffer_type = MYSQL_TYPE_DATETIME;
		break;
	default:
		b->buffer = &c->value.number;
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->is_unsigned = c->type == COL_UINT;
		break;
	}
}

static json_t *
time_value(const MYSQL_TIME *t)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03luZ", t->year,
	    t->month, t->day, t->hour, t->minute, t->second, t->second_part / 1000);
	return json_string(text);
}

static json_t *
column_value(const struct column *c)
{
	if (c->null)
		return json_null();
	switch (c->type) {
	case COL_TEXT: return json_stringn(c->value.text, c->length);
	case COL_JSON: return json_loadb(c->value.text, c->length, JSON_DECODE_ANY, NULL);
	case COL_TIME: return time_value(&c->value.time);
	case COL_BOOL: return json_boolean(c->value.number != 0);
	default: return json_integer(c->value.number);
	}
}

static json_t *
row_value(const struct column *columns, unsigned n)
{
	json_t *row = json_object();

	for (unsigned i = 0; i < n; i++) {
		if (columns[i].null && columns[i].optional)
			continue;
		(void)json_object_set_new_nocheck(row, columns[i].name, column_value(&columns[i]));
	}
	return row;
}

/* Reads the result at hand into an array of objects. */
static enum err
fetch_all(struct req *r, MYSQL_STMT *s, const char *name, json_t *rows)
{
	unsigned n = mysql_stmt_field_count(s);
	MYSQL_BIND *bind = arena_alloc(&r->mem, n * sizeof(*bind));
	struct column *columns = arena_alloc(&r->mem, n * sizeof(*columns));
	MYSQL_RES *meta;
	int rc;

	if (mysql_stmt_store_result(s) != 0)
		return fail(r->db, mysql_stmt_errno(s), mysql_stmt_error(s), name);
	meta = mysql_stmt_result_metadata(s);
	for (unsigned i = 0; i < n; i++)
		bind_column(&r->mem, &columns[i], mysql_fetch_field_direct(meta, i), &bind[i]);
	mysql_free_result(meta);
	(void)mysql_stmt_bind_result(s, bind);
	while ((rc = mysql_stmt_fetch(s)) == 0)
		(void)json_array_append_new(rows, row_value(columns, n));
	(void)mysql_stmt_free_result(s);
	if (rc != MYSQL_NO_DATA)
		return fail(r->db, mysql_stmt_errno(s), mysql_stmt_error(s), name);
	return OK;
}

/* A CALL answers its rows and then a status of its own, which must be read too. */
static enum err
drain(struct req *r, MYSQL_STMT *s, const char *name)
{
	int rc;

	while ((rc = mysql_stmt_next_result(s)) == 0)
		(void)mysql_stmt_free_result(s);
	if (rc > 0)
		return fail(r->db, mysql_stmt_errno(s), mysql_stmt_error(s), name);
	return OK;
}

enum err
db_exec(struct req *r, unsigned sql, const struct db_arg *args, uint64_t *affected)
{
	int64_t since = timing_now();
	MYSQL_STMT *s = NULL;
	enum err e = execute(r, sql, args, &s);

	timing_add(TIMING_DB, since);
	if (e == OK && affected != NULL)
		*affected = mysql_stmt_affected_rows(s);
	return e;
}

static enum err
read_rows(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	MYSQL_STMT *s = NULL;

	TRY(execute(r, sql, args, &s));
	*out = req_own(r, json_array());
	TRY(fetch_all(r, s, db_texts[sql].name, *out));
	return drain(r, s, db_texts[sql].name);
}

enum err
db_rows(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	int64_t since = timing_now();
	enum err e = read_rows(r, sql, args, out);

	timing_add(TIMING_DB, since);
	return e;
}

enum err
db_row(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	json_t *rows;

	TRY(db_rows(r, sql, args, &rows));
	if (json_array_size(rows) == 0)
		return ERR_NOT_FOUND;
	*out = json_array_get(rows, 0);
	return OK;
}

static bool
check_version(struct db *db)
{
	MYSQL_RES *res;
	MYSQL_ROW row;
	int version = 0;

	if (run_plain(db, "SELECT version FROM meta WHERE id = 1") != OK)
		return false;
	if ((res = mysql_store_result(db->link)) != NULL) {
		if ((row = mysql_fetch_row(res)) != NULL && row[0] != NULL)
			version = (int)strtol(row[0], NULL, 10);
		mysql_free_result(res);
	}
	if (version == SCHEMA_VERSION)
		return true;
	log_error("schema version is %d and must be %d: run `mariadb %s < schema.sql`", version,
	    SCHEMA_VERSION, db->conf->db_name);
	return false;
}

bool
db_selftest(struct db *db)
{
	MYSQL_STMT *s = NULL;
	bool ok = true;

	if (db_ready(db) != OK || !check_version(db))
		return false;
	for (unsigned i = 0; i < db_text_count && db->link != NULL; i++)
		ok = prepare(db, i, &s) == OK && ok;
	return ok && db->link != NULL;
}
