/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Queries for messages; and a message and a part of it, which has to be found in it by the keys of
 * the index. The first byte says which; in the second case the next two where the part lies. */
#include "fuzz.h"

#include "api/db.h"
#include "api/postings.h"
#include "api/said.h"
#include "api/searchquery.h"

/* No database is asked. */
enum err
db_row(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	(void)r;
	(void)sql;
	(void)args;
	(void)out;
	return ERR_INTERNAL;
}

enum err
db_exec(struct req *r, unsigned sql, const struct db_arg *args, uint64_t *affected)
{
	(void)r;
	(void)sql;
	(void)args;
	(void)affected;
	return ERR_INTERNAL;
}

static void
check_query(struct arena *mem, struct bytes *b)
{
	struct str raw = take_rest(b);
	const char *text = arena_strndup(mem, raw.p, raw.n);
	struct searchquery q;

	if (searchquery_parse(mem, text, &q) != NULL)
		return;
	CHECK(q.n <= SEARCHQUERY_TERMS);
	CHECK(q.n > 0 || q.from != NULL || q.room != 0 || q.marks != 0 || q.before != NULL ||
	      q.after != NULL);
	for (size_t i = 0; i < q.n; i++)
		CHECK(*q.terms[i] != '\0' && q.terms[i][0] != ' ' &&
		      q.terms[i][strlen(q.terms[i]) - 1] != ' ');
	CHECK(q.before == NULL || strlen(q.before) == 10);
	CHECK(q.after == NULL || strlen(q.after) == 10);
}

static bool
has(const uint64_t *keys, size_t n, uint64_t key)
{
	for (size_t i = 0; i < n; i++)
		if (keys[i] == key)
			return true;
	return false;
}

/* The start of the character at or behind a place. */
static size_t
align(const char *s, size_t n)
{
	while ((s[n] & '\xc0') == '\x80')
		n++;
	return n;
}

static void
check_part(struct arena *mem, struct bytes *b)
{
	unsigned from = take(b), length = take(b);
	struct str raw = take_rest(b);
	const char *text = said_fold(mem, arena_strndup(mem, raw.p, raw.n)), *part;
	uint64_t *all, *some;
	size_t n, k, begin;

	if (text == NULL || *text == '\0')
		return;
	all = arena_alloc(mem, (2 * strlen(text) + 1) * sizeof(*all));
	n = said_keys(text, all);
	CHECK(n <= 2 * strlen(text));
	begin = align(text, from % strlen(text));
	k = align(text, begin + length % (strlen(text) - begin + 1));
	part = arena_strndup(mem, text + begin, k - begin);
	some = arena_alloc(mem, (strlen(part) + 1) * sizeof(*some));
	k = said_pairs(part, some);
	for (size_t i = 0; i < k; i++)
		CHECK(has(all, n, some[i]));
}

static void
check_list(struct arena *mem, struct bytes *b)
{
	struct str raw = take_rest(b);
	const char *list = arena_strndup(mem, raw.p, raw.n);
	uint32_t *numbers = arena_alloc(mem, (raw.n + 1) * sizeof(*numbers));
	size_t n = postings_read(list, numbers);

	CHECK(n <= raw.n);
	CHECK(postings_meet(list, numbers, n) <= n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct arena mem;
	unsigned how = take(&b);

	fuzz_begin();
	arena_init(&mem);
	if (how % 3 == 0)
		check_query(&mem, &b);
	else if (how % 3 == 1)
		check_part(&mem, &b);
	else
		check_list(&mem, &b);
	arena_finish(&mem);
	return 0;
}
