/* SPDX-License-Identifier: MIT */
#include "api/gram.h"

#include "api/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena mem;

/* ---- a database that only counts ---- */

struct counted {
	const char *gram;
	json_int_t n;
};

static const struct counted *table; /* up to one without a gram */
static unsigned asked;

enum err
db_row(struct req *r, unsigned sql, const struct db_arg *args, json_t **out)
{
	json_int_t n = 0;

	(void)sql;
	asked++;
	for (const struct counted *c = table; c->gram != NULL; c++)
		if (str_eq(str_of(c->gram), args[1].text))
			n = c->n;
	*out = json_pack("{s:I}", "n", n);
	arena_defer(&r->mem, (void (*)(void *))json_decref, *out);
	return OK;
}

enum err
db_exec(struct req *r, unsigned sql, const struct db_arg *args, uint64_t *affected)
{
	(void)r;
	(void)sql;
	(void)args;
	(void)affected;
	return OK;
}

/* ---- */

static int
start(void **state)
{
	(void)state;
	arena_init(&mem);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&mem);
	return 0;
}

static void
assert_folds(const char *text, const char *expected)
{
	const char *folded = gram_fold(&mem, text);

	if (expected == NULL) {
		assert_null(folded);
		return;
	}
	assert_non_null(folded);
	assert_string_equal(folded, expected);
	assert_string_equal(gram_fold(&mem, folded), expected);
}

/* expected: the grams with a "|" between them. */
static void
assert_grams(const char *text, const char *expected)
{
	json_t *grams = gram_split(gram_fold(&mem, text)), *gram;
	const char *all = "";
	size_t i;

	json_array_foreach (grams, i, gram)
		all = arena_printf(&mem, "%s%s%s", all, i == 0 ? "" : "|", json_string_value(gram));
	json_decref(grams);
	assert_string_equal(all, expected);
}

static void
assert_plan(const char *text, const char *pattern, const char *expected)
{
	const char *found, *grams[GRAM_TRIED_MAX], *all = "";
	size_t n;

	assert_true(gram_plan(&mem, gram_fold(&mem, text), &found, grams, &n));
	assert_string_equal(found, pattern);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(&mem, "%s%s%s", all, i == 0 ? "" : "|", grams[i]);
	assert_string_equal(all, expected);
}

static void
case_and_compatible_forms_do_not_matter(void **state)
{
	(void)state;
	assert_folds("Tea TIME", "tea time");
	assert_folds("Straße", "strasse");
	assert_folds("ＦＵＬＬ　ｗｉｄｔｈ", "full width");
	assert_folds("ﬁne ① ㎏", "fine 1 kg");
	assert_folds("ΣΊΣΥΦΟΣ", "σίσυφοσ");
	assert_folds("ｶﾞ", "ガ");
	assert_folds("e\u0301", "\u00e9");
}

static void
blanks_are_one_and_what_is_invisible_is_nothing(void **state)
{
	(void)state;
	assert_folds("  a \t\n b\u00a0\u3000c\u2028 ", "a b c");
	assert_folds("a\u200bb\u00adc\ufe0f", "abc");
	assert_folds(" \u3000\u200b\x01", "");
	assert_folds("", "");
}

static void
what_is_no_text_is_refused(void **state)
{
	(void)state;
	assert_folds("\xff", NULL);
	assert_folds("a\xc3", NULL);
	assert_folds("\xed\xa0\x80", NULL);
}

static void
korean_is_composed_and_its_letters_stay_alone(void **state)
{
	(void)state;
	assert_folds("\u1109\u1173\u1110\u1165\u1103\u1175", "스터디");
	assert_folds("ㅅㅌㄷ", "ㅅㅌㄷ");
	assert_folds("ㅋㅠㅠ", "ㅋㅠㅠ");
	assert_folds("가ㄱ", "가ㄱ");
	assert_folds("ﾡﾥ", "ㄱㄴㅈ");
	assert_folds("ㄳ ㅄ", "ㄱㅅ ㅂㅅ");
	assert_folds("\u1109 \u1161", "ㅅ ㅏ");
	assert_folds("\u11a8 \u11ae \u11af \u11b8 \u11ba \u11bd \u11c2", "ㄱ ㄷ ㄹ ㅂ ㅅ ㅈ ㅎ");
}

static void
grams_are_characters_and_pairs(void **state)
{
	(void)state;
	assert_grams("", "");
	assert_grams("a", "a");
	assert_grams("Tea", "a|e|ea|t|te");
	assert_grams("aaaa", "a|aa");
	assert_grams("a b", "a|ab|b");
	assert_grams("日本語", "日|日本|本|本語|語");
	assert_grams("🙂!", "!|🙂|🙂!");
}

static void
korean_has_those_of_its_initial_consonants_too(void **state)
{
	(void)state;
	assert_grams("스터디", "ㄷ|ㅅ|ㅅㅌ|ㅌ|ㅌㄷ|디|스|스터|터|터디");
	assert_grams("가 나", "ㄱ|ㄱㄴ|ㄴ|가|가나|나");
	assert_grams("a가b", "a|a가|b|ㄱ|가|가b");
	assert_grams("ㅋ큐", "ㅋ|ㅋㅋ|ㅋ큐|큐");
	assert_grams("힣", "ㅎ|힣");
}

static void
only_the_beginning_of_a_very_long_text_is_found(void **state)
{
	char text[3 * GRAM_TEXT_MAX] = "";
	json_t *grams;

	(void)state;
	memset(text, 'a', GRAM_TEXT_MAX);
	text[GRAM_TEXT_MAX] = 'b';
	grams = gram_split(text);
	assert_int_equal(json_array_size(grams), 2);
	json_decref(grams);
}

static void
a_query_is_searched_for_by_its_pairs(void **state)
{
	(void)state;
	assert_plan("Tea", "tea", "te|ea");
	assert_plan("t", "t", "t");
	assert_plan("a b", "ab", "ab");
	assert_plan("abcdefghijkl", "abcdefghijkl", "ab|bc|cd|de|ef|fg|gh|hi");
}

static void
nothing_in_a_query_is_a_command_of_the_pattern(void **state)
{
	(void)state;
	assert_plan(".*", "\\.\\*", ".*");
	assert_plan("\\Q[", "\\\\q\\[", "\\q|q[");
	assert_plan("^$|(?", "\\^\\$\\|\\(\\?", "^$|$|||(|(?");
	assert_plan("_a1-", "\\_a1\\-", "_a|a1|1-");
}

static void
consonants_stand_for_their_syllables(void **state)
{
	(void)state;
	assert_plan("ㅅㅌ", "[ㅅ사-싷][ㅌ타-팋]", "ㅅㅌ");
	assert_plan("ㅎ", "[ㅎ하-힣]", "ㅎ");
	assert_plan("스ㅌ", "스[ㅌ타-팋]", "스|ㅌ");
	assert_plan("스터ㄷ", "스터[ㄷ다-딯]", "스터");
	assert_plan("ㄳ", "[ㄱ가-깋][ㅅ사-싷]", "ㄱㅅ");
	assert_plan("ㅠ", "ㅠ", "ㅠ");
}

static void
there_has_to_be_something_and_not_too_much_to_search_for(void **state)
{
	const char *pattern, *grams[GRAM_TRIED_MAX];
	char text[GRAM_QUERY_MAX + 2] = "";
	size_t n;

	(void)state;
	assert_false(gram_plan(&mem, "", &pattern, grams, &n));
	memset(text, 'x', GRAM_QUERY_MAX);
	assert_true(gram_plan(&mem, text, &pattern, grams, &n));
	text[GRAM_QUERY_MAX] = 'x';
	assert_false(gram_plan(&mem, text, &pattern, grams, &n));
	for (size_t i = 0; i < GRAM_QUERY_MAX; i += 2)
		memcpy(text + i, "\\.", 2);
	text[GRAM_QUERY_MAX] = '\0';
	assert_true(gram_plan(&mem, text, &pattern, grams, &n));
	assert_int_equal(strlen(pattern), 2 * GRAM_QUERY_MAX);
}

static void
assert_chosen(
    const struct counted *counts, const char *text, const char *gram, uint64_t n, unsigned times)
{
	struct req r = {.user = 1};
	struct gram_query q;

	arena_init(&r.mem);
	table = counts;
	asked = 0;
	assert_int_equal(gram_query(&r, GRAM_ROOM, "q", text, &q), OK);
	assert_string_equal(q.gram, gram);
	assert_int_equal(q.count, n);
	assert_int_equal(asked, times);
	arena_finish(&r.mem);
}

/* Whether texts with the gram that is chosen have to be looked at. */
static bool
has_pattern(const char *text)
{
	static const struct counted none[] = {{NULL, 0}};
	struct req r = {.user = 1};
	struct gram_query q;

	arena_init(&r.mem);
	table = none;
	assert_int_equal(gram_query(&r, GRAM_ROOM, "q", text, &q), OK);
	arena_finish(&r.mem);
	return q.pattern != NULL;
}

static void
a_query_that_is_one_gram_needs_no_pattern(void **state)
{
	(void)state;
	assert_false(has_pattern("t"));
	assert_false(has_pattern(" T e"));
	assert_false(has_pattern("\xeb\xb0\xa9"));             /* bang */
	assert_false(has_pattern("\xe3\x85\x85\xe3\x85\x87")); /* two initials */
	assert_true(has_pattern("\xe3\x85\x85\xec\x9a\xb8"));  /* an initial and a syllable */
	assert_true(has_pattern("tea"));
}

static void
the_rarest_gram_is_chosen(void **state)
{
	static const struct counted some[] = {{"te", 40}, {"ea", 30}, {"am", 50}, {NULL, 0}};
	static const struct counted none[] = {{"te", 40}, {"am", 50}, {NULL, 0}};
	static const struct counted many[] = {{"te", 500}, {"ea", 500}, {NULL, 0}};

	(void)state;
	assert_chosen(some, "team", "ea", 30, 3);
	assert_chosen(none, "team", "ea", 0, 2); /* nothing can match: no need to look further */
	assert_chosen(many, "tea", "te", 500, 2);
}

static void
what_can_not_be_searched_for_is_a_bad_parameter(void **state)
{
	struct req r = {.user = 1};
	struct gram_query q;

	(void)state;
	arena_init(&r.mem);
	assert_int_equal(gram_query(&r, GRAM_ROOM, "q", " \xe3\x80\x80", &q), ERR_INVALID);
	assert_int_equal(gram_query(&r, GRAM_ROOM, "q", "\xff", &q), ERR_INVALID);
	arena_finish(&r.mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case_and_compatible_forms_do_not_matter),
	    cmocka_unit_test(blanks_are_one_and_what_is_invisible_is_nothing),
	    cmocka_unit_test(what_is_no_text_is_refused),
	    cmocka_unit_test(korean_is_composed_and_its_letters_stay_alone),
	    cmocka_unit_test(grams_are_characters_and_pairs),
	    cmocka_unit_test(korean_has_those_of_its_initial_consonants_too),
	    cmocka_unit_test(only_the_beginning_of_a_very_long_text_is_found),
	    cmocka_unit_test(a_query_is_searched_for_by_its_pairs),
	    cmocka_unit_test(nothing_in_a_query_is_a_command_of_the_pattern),
	    cmocka_unit_test(consonants_stand_for_their_syllables),
	    cmocka_unit_test(there_has_to_be_something_and_not_too_much_to_search_for),
	    cmocka_unit_test(the_rarest_gram_is_chosen),
	    cmocka_unit_test(a_query_that_is_one_gram_needs_no_pattern),
	    cmocka_unit_test(what_can_not_be_searched_for_is_a_bad_parameter),
	};

	return cmocka_run_group_tests_name("api/gram", tests, start, finish);
}
