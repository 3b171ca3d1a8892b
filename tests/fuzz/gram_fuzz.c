/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Titles and queries: what is searched for and stands in the text must be found, by each of the
 * grams that the search may choose. The first byte says how long the query is. */
#include "fuzz.h"

#include "api/db.h"
#include "api/gram.h"

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

static size_t
letters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += (*s & '\xc0') != '\x80' && *s != ' ';
	return n;
}

static bool
has(const json_t *grams, const char *gram)
{
	const json_t *one;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)grams, i, one) {
		if (strcmp(json_string_value(one), gram) == 0)
			return true;
	}
	return false;
}

static void
check_grams(const json_t *grams)
{
	for (size_t i = 0; i < json_array_size(grams); i++) {
		const char *gram = json_string_value(json_array_get(grams, i));

		CHECK(gram != NULL && strchr(gram, ' ') == NULL);
		CHECK(letters(gram) == 1 || letters(gram) == 2);
		CHECK(i == 0 || strcmp(json_string_value(json_array_get(grams, i - 1)), gram) < 0);
	}
}

/* Every part of a folded text has only grams of the text. */
static void
check_part(struct arena *mem, const json_t *grams, const char *folded, size_t n)
{
	const char *end = folded, *part, *pattern, *needed[GRAM_TRIED_MAX];
	size_t found;

	for (; *end != '\0' && n > 0; n--)
		do
			end++;
		while ((*end & '\xc0') == '\x80');
	part = arena_strndup(mem, folded, (size_t)(end - folded));
	if (!gram_plan(mem, part, &pattern, needed, &found)) {
		CHECK(letters(part) == 0 || letters(part) > GRAM_QUERY_MAX);
		return;
	}
	CHECK(found >= 1 && found <= GRAM_TRIED_MAX && strlen(pattern) >= letters(part));
	for (size_t i = 0; i < found; i++)
		CHECK(has(grams, needed[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	size_t n = take(&b);
	struct str raw = take_rest(&b);
	const char *folded, *again;
	struct arena mem;
	json_t *grams;

	fuzz_begin();
	arena_init(&mem);
	folded = gram_fold(&mem, arena_strndup(&mem, raw.p, raw.n < 2000 ? raw.n : 2000));
	if (folded != NULL && letters(folded) <= GRAM_TEXT_MAX) {
		again = gram_fold(&mem, folded);
		CHECK(again != NULL && strstr(folded, "  ") == NULL);
		grams = gram_split(folded);
		check_grams(grams);
		check_part(&mem, grams, folded, n);
		json_decref(grams);
	}
	arena_finish(&mem);
	return 0;
}
