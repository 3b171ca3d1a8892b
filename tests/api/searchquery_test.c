/* SPDX-License-Identifier: MIT */
/* What is typed to search for messages, and the keys and lists of the index. */
#include "api/db.h"
#include "api/postings.h"
#include "api/said.h"
#include "api/searchquery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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

static struct arena mem;

static void
test_words(void **state)
{
	struct searchquery q;

	(void)state;
	assert_null(searchquery_parse(&mem, "  Tea \"Now  HERE\" c:\\x\"회의 시간\" ", &q));
	assert_int_equal(q.n, 4);
	assert_string_equal(q.terms[0], "tea");
	assert_string_equal(q.terms[1], "now here");
	assert_string_equal(q.terms[2], "c:\\x");
	assert_string_equal(q.terms[3], "회의시간");
	assert_null(searchquery_parse(&mem, "\"not closed", &q));
	assert_string_equal(q.terms[0], "not closed");
	assert_null(searchquery_parse(&mem, "from: x:y http://a", &q));
	assert_int_equal(q.n, 3);
	assert_null(q.from);
}

static void
test_operators(void **state)
{
	struct searchquery q;

	(void)state;
	assert_null(searchquery_parse(&mem,
	    "from:ann In:7 has:LINK has:poll before:2026-12-31 after:2024-02-29 \"in:8\"", &q));
	assert_string_equal(q.from, "ann");
	assert_int_equal(q.room, 7);
	assert_int_equal(q.marks, SAID_LINK | SAID_POLL);
	assert_string_equal(q.before, "2026-12-31");
	assert_string_equal(q.after, "2024-02-29");
	assert_int_equal(q.n, 1);
}

static void
test_mistakes(void **state)
{
	static const char *const wrong[] = {"", " \t", "\"\"", "in:0", "in:-1", "in:1x",
	    "in:9999999999999999999", "has:x", "before:2026-02-29", "after:x", "from:a from:b",
	    "a b c d e f g h i j k"};
	struct searchquery q;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(searchquery_parse(&mem, wrong[i], &q));
}

/* Every part of a text is a part of what it folds to, and has none but its pairs. */
static void
test_folding(void **state)
{
	static const char *const parts[][3] = {{"ＡＢＣ def", "bc d", "bc d"},
	    {"회의 시간", "의시", "의시"}, {"회의 a b", "의 a b", "의a b"},
	    {"x 회 y", "x회y", "x회y"}, {"ㅋㅋ  ㅠ", "ㅋㅠ", "ㅋㅠ"}, {"hi 😀 you", "i 😀", "i 😀"}};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *text = said_fold(&mem, parts[i][0]),
			   *part = said_fold(&mem, parts[i][1]);

		assert_string_equal(part, parts[i][2]);
		assert_non_null(strstr(text, part));
	}
	assert_null(said_fold(&mem, "\xff"));
}

static void
test_pairs(void **state)
{
	uint64_t pairs[16];

	(void)state;
	assert_int_equal(said_pairs("ab 가", pairs), 3);
	assert_int_equal(pairs[0], (uint64_t)'a' << 21 | 'b');
	assert_int_equal(pairs[1], (uint64_t)'b' << 21);
	assert_int_equal(pairs[2], (uint64_t)0xac00 << 21);
	assert_int_equal(said_pairs("", pairs), 0);
	assert_int_equal(said_keys("ab 가", pairs), 4);
	assert_int_equal(pairs[0], (uint64_t)'a' << 21 | 'b');
	assert_int_equal(pairs[3], (uint64_t)'a' << 21);
	assert_true(said_sender(7) != said_sender(8) && said_sender(1) > said_mark(SAID_POLL));
}

static void
test_marks(void **state)
{
	json_t *row = json_pack("{s:s, s:[{s:s}]}", "type", "poll", "entities", "type", "mention");

	(void)state;
	assert_int_equal(said_marks(row, "see https://x"), SAID_LINK | SAID_POLL | SAID_MENTION);
	json_decref(row);
	row = json_pack("{s:n, s:n}", "type", "entities");
	assert_int_equal(said_marks(row, "nothing"), 0);
	json_decref(row);
}

static void
test_lists(void **state)
{
	static const uint32_t numbers[] = {0, 1, 31, 32, 64, 1000, 1024, 70000, 4000000000U};
	const size_t n = sizeof(numbers) / sizeof(numbers[0]);
	uint32_t read[64], some[] = {1, 5, 64, 70000, 80000}, last = UINT32_MAX;
	struct buf list;

	(void)state;
	buf_init(&list, 1000);
	for (size_t i = 0; i < n; i++)
		postings_add(&list, &last, numbers[i]);
	assert_null(strpbrk(list.p, "\"\\"));
	assert_int_equal(postings_read(list.p, read), n);
	assert_memory_equal(read, numbers, sizeof(numbers));
	assert_int_equal(postings_meet(list.p, some, 5), 3);
	assert_int_equal(some[0], 1);
	assert_int_equal(some[1], 64);
	assert_int_equal(some[2], 70000);
	assert_int_equal(postings_meet("", some, 3), 0);
	buf_finish(&list);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&mem);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_operators),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_folding),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
