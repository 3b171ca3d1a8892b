/* SPDX-License-Identifier: MIT */
/* One connection to MariaDB, and the closed set of statements that may run on it.
 *
 * db.c is the only file that sees libmariadb. Handlers don't call db_exec and its like: they call
 * the functions that sqlgen.awk makes from api/X.sql (build/sql.h). Nothing in the program can put
 * SQL together from pieces.
 *
 * Errors: ERR_CONFLICT duplicate key; ERR_RETRY deadlock, run the handler again; ERR_UNAVAILABLE
 * the database can't do it now, nothing was done (so answers each statement after one that lost the
 * connection, until db_ready); ERR_IN_DOUBT the connection broke where it can't be known whether it
 * was done; ERR_INTERNAL anything else, logged.
 */
#ifndef MARU_DB_H
#define MARU_DB_H

#include "shared/buf.h"
#include "shared/conf.h"
#include "shared/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct db;
struct req;

/* The version of schema.sql that this program works with. */
#define SCHEMA_VERSION 14

/* A statement as sqlgen.awk found it. */
struct db_text {
	const char *name;
	const char *sql;
	unsigned params;
};
extern const struct db_text db_texts[];
extern const unsigned db_text_count;

struct db_arg {
	enum { DB_ARG_ID, DB_ARG_INT, DB_ARG_TEXT } type;
	uint64_t id;
	int64_t number;
	struct str text; /* p NULL: SQL NULL */
};
#define DB_ID(v)                             \
	{                                    \
		.type = DB_ARG_ID, .id = (v) \
	}
#define DB_INT(v)                                 \
	{                                         \
		.type = DB_ARG_INT, .number = (v) \
	}
#define DB_TEXT(v)                                     \
	{                                              \
		.type = DB_ARG_TEXT, .text = str_of(v) \
	}
#define DB_BYTES(v)                              \
	{                                        \
		.type = DB_ARG_TEXT, .text = (v) \
	}

/* Makes a handle; connects at the first use. The settings must outlive it. */
struct db *db_create(const struct conf *conf);
void db_destroy(struct db *db); /* accepts NULL */

/* Makes sure that there is a living connection. ERR_UNAVAILABLE if not. */
enum err db_ready(struct db *db);

/* Prepares every statement and compares the schema's version; what is wrong is logged. */
bool db_selftest(struct db *db);

enum err db_begin(struct db *db);
enum err db_commit(struct db *db); /* nothing to do without a transaction */
void db_rollback(struct db *db);   /* the same */

/* Whether the last ERR_UNAVAILABLE came from a connection that turned out dead before anything can
 * have been stored: then the request may be run again on a new one. */
bool db_was_stale(const struct db *db);

/* Run a statement with the arguments in the order of its question marks. Results belong to the
 * request. A column named x$bool becomes a boolean, x$json is parsed, x$text a string whatever
 * its type, x$opt is left out where it is NULL; the others follow their SQL type (integers, RFC
 * 3339 for DATETIME, else text). */
enum err db_exec(struct req *r, unsigned sql, const struct db_arg *args, uint64_t *affected);
enum err db_row(struct req *r, unsigned sql, const struct db_arg *args, json_t **out);
enum err db_rows(struct req *r, unsigned sql, const struct db_arg *args, json_t **out);

/* The AUTO_INCREMENT id or LAST_INSERT_ID(x) of the last statement. */
uint64_t db_insert_id(const struct db *db);

#endif
