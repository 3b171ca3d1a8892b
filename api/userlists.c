/* SPDX-License-Identifier: MIT */
/* GET /v1/users: finding people. See gram.h for how any part of a nickname is found. */
#include "userlists.h"

#include "db.h"
#include "gram.h"
#include "page.h"
#include "query.h"
#include "route.h"
#include "sql.h"
#include "users.h"

#define STEP 50 /* accounts: about 20 ms */

enum err
users_index(struct req *r, uint64_t user)
{
	json_t *row;

	TRY(sql_user_shown(r, user, &row));
	TRY(gram_store(r, GRAM_USER, user, row_text(row, "shown")));
	return sql_user_indexed(r, user, NULL);
}

static enum err
index_some(struct req *r, const json_t *rows)
{
	json_t *row;
	size_t i;

	TRY(db_begin(r->db));
	json_array_foreach ((json_t *)(uintptr_t)rows, i, row)
		TRY(users_index(r, row_id(row, "id")));
	return db_commit(r->db);
}

bool
users_index_step(struct req *r)
{
	json_t *rows;
	enum err e;

	if (db_ready(r->db) != OK || sql_users_unindexed(r, STEP, &rows) != OK ||
	    json_array_size(rows) == 0)
		return false;
	e = index_some(r, rows);
	db_rollback(r->db);
	return e == OK && json_array_size(rows) == STEP;
}

static enum err
find(struct req *r, const char *q, const struct page *page, json_t **rows)
{
	struct gram_query found;

	TRY(gram_query(r, GRAM_USER, "q", q, &found));
	/* The column of names knows only its own letters. */
	if (q[strspn(q, USERS_NAME_LETTERS)] != '\0')
		q = "";
	return sql_users_found(
	    r, r->user, found.gram, found.pattern, q, page->cursor, (int64_t)page->limit + 1, rows);
}

/* The people whose nickname has the text in it, or whose name it is, in the order of their ids;
 * without ?q= everybody, where people are to see each other (lobby_presence). Nobody who does not
 * want to be found, and nobody where one blocks the other. */
enum err
users_list(struct req *r)
{
	const char *q = query_value(&r->mem, str_of(r->query), "q");
	struct page page;
	json_t *rows;

	if (q == NULL && !r->conf->lobby_presence)
		return req_invalid(r, "q", "is required: a part of a nickname, or a name");
	TRY(page_read(r, 0, &page));
	if (q == NULL)
		TRY(sql_users_all(r, r->user, page.cursor, (int64_t)page.limit + 1, &rows));
	else
		TRY(find(r, q, &page, &rows));
	return page_reply(r, "users", rows, &page, "id");
}
