/* SPDX-License-Identifier: MIT */
#include "api/wordmask.h"

#include "api/db.h"
#include "api/gram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena mem;

/* gram.c asks a database, too; not here. */
enum err
db_row(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	(void)r, (void)sql, (void)args, (void)out;
	return ERR_INTERNAL;
}

enum err
db_exec(struct req *r, unsigned sql, const struct db_arg *args, uint64_t *affected)
{
	(void)r, (void)sql, (void)args, (void)affected;
	return ERR_INTERNAL;
}

static const char *
mask(const char *text, const char *word)
{
	const char *folded = gram_fold(&mem, word);

	return wordmask(&mem, text, &folded, 1);
}

static void
what_is_not_there_changes_nothing(void **state)
{
	const char *text = "a quiet sentence", *none = "";

	(void)state;
	assert_ptr_equal(mask(text, "loud"), text);
	assert_string_equal(mask("", "x"), "");
	assert_ptr_equal(wordmask(&mem, text, &none, 1), text);
	assert_ptr_equal(wordmask(&mem, text, NULL, 0), text);
}

static void
each_character_becomes_a_star(void **state)
{
	(void)state;
	assert_string_equal(mask("bad", "bad"), "***");
	assert_string_equal(mask("a bad, BAD word", "bad"), "a ***, *** word");
	assert_string_equal(mask("embadded", "bad"), "em***ded");
	assert_string_equal(mask("이 바보야 \xf0\x9f\x99\x82", "바보"), "이 **야 \xf0\x9f\x99\x82");
	assert_string_equal(mask("aaaa a", "aa"), "**** a");
	assert_string_equal(mask("two  words\nhere", "two words"), "*********\nhere");
}

static void
other_ways_to_write_it_are_no_way_around(void **state)
{
	(void)state;
	assert_string_equal(mask("\xef\xbc\xa2"
				 "ad",
				"bad"),
	    "***"); /* fullwidth B */
	assert_string_equal(mask("b\xe2\x80\x8b"
				 "ad!",
				"bad"),
	    "***!"); /* zero width space */
	assert_string_equal(mask("\xe1\x84\x87\xe1\x85\xa1보", "바보"), "**"); /* jamo one by one */
	assert_string_equal(mask("cafe\xcc\x81s", "caf\xc3\xa9"), "****s");    /* accent apart */
	assert_string_equal(mask("\xef\xac\x81nk", "ink"), "***");             /* the ligature fi */
}

static void
several_words_are_masked_at_once(void **state)
{
	const char *words[] = {"one", "three"};

	(void)state;
	assert_string_equal(wordmask(&mem, "one two three", words, 2), "*** two *****");
}

static void
a_tower_of_accents_takes_its_time_but_not_all(void **state)
{
	static char text[16001];
	size_t n = 0;

	(void)state;
	memcpy(text, "bad", 3);
	for (n = 3; n + 2 < sizeof(text); n += 2)
		memcpy(text + n, "\xcc\xa3", 2);
	text[n] = '\0';
	assert_ptr_not_equal(mask(text, "ba"), text);
}

static int
begin(void **state)
{
	(void)state;
	arena_init(&mem);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_there_changes_nothing),
	    cmocka_unit_test(each_character_becomes_a_star),
	    cmocka_unit_test(other_ways_to_write_it_are_no_way_around),
	    cmocka_unit_test(several_words_are_masked_at_once),
	    cmocka_unit_test(a_tower_of_accents_takes_its_time_but_not_all),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
