/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Texts with words to mask: stars for what is there, nothing else is touched. The first byte says
 * how long the word is, which comes first. */
#include "fuzz.h"

#include "api/db.h"
#include "api/gram.h"
#include "api/wordmask.h"

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

/* Every byte of what is left stood in the text, in the same order; the stars are new. */
static bool
is_left_of(const char *masked, const char *text)
{
	for (; *masked != '\0'; masked++) {
		if (*masked == '*')
			continue;
		while (*text != '\0' && *text != *masked)
			text++;
		if (*text++ == '\0')
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	size_t n = take(&b);
	struct str raw = take_rest(&b);
	const char *text, *word, *folded, *masked;
	struct arena mem;

	fuzz_begin();
	arena_init(&mem);
	n = n < raw.n ? n : raw.n;
	word = gram_fold(&mem, arena_strndup(&mem, raw.p, n));
	text = arena_strndup(&mem, raw.p + n, raw.n - n < 2000 ? raw.n - n : 2000);
	folded = gram_fold(&mem, text);
	if (word != NULL && folded != NULL) {
		masked = wordmask(&mem, text, &word, 1);
		CHECK((masked == text) == (*word == '\0' || strstr(folded, word) == NULL));
		CHECK(gram_fold(&mem, masked) != NULL && strlen(masked) <= strlen(text));
		CHECK(is_left_of(masked, text));
	}
	arena_finish(&mem);
	return 0;
}
