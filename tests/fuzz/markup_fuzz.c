/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Texts in Markdown: signs go, everything else stays in its order, the parts lie within the text
 * and never cross, and what is a link leads to the web. */
#include "fuzz.h"

#include "api/markup.h"

#include <jansson.h>
#include <strings.h>

#define TEXT_MAX 2000

/* What is left stood in the text, in the same order. */
static bool
is_left_of(const char *left, const char *text)
{
	for (; *left != '\0'; left++) {
		while (*text != '\0' && *text != *left)
			text++;
		if (*text++ == '\0')
			return false;
	}
	return true;
}

static void
check_spans(const struct rich *t)
{
	size_t n = strlen(t->text);

	CHECK(t->n <= RICH_SPANS_MAX);
	for (size_t i = 0; i < t->n; i++) {
		const struct span *a = &t->spans[i];

		CHECK(a->from < a->to && a->to <= n);
		if (a->type == SPAN_LINK)
			CHECK(a->word.n > 7 && strncasecmp(a->word.p, "http", 4) == 0 &&
			      memchr(a->word.p, ' ', a->word.n) == NULL);
		for (size_t k = 0; k < i; k++) {
			const struct span *b = &t->spans[k];

			CHECK(a->to <= b->from || b->to <= a->from ||
			      (a->from >= b->from && a->to <= b->to) ||
			      (b->from >= a->from && b->to <= a->to));
		}
	}
}

/* Each entity lies within the text as JavaScript counts it. */
static void
check_entities(struct rich *t)
{
	const char *text = rich_entities(t);
	json_t *list = text == NULL ? NULL : json_loads(text, 0, NULL), *one;
	json_int_t last = 0;
	size_t i;

	json_array_foreach (list, i, one) {
		json_int_t offset = json_integer_value(json_object_get(one, "offset"));
		json_int_t length = json_integer_value(json_object_get(one, "length"));

		CHECK(offset >= last && length >= 0);
		CHECK((size_t)(offset + length) <= strlen(t->text));
		last = offset;
	}
	json_decref(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	bool markdown = (take(&b) & 1) != 0;
	struct str raw = take_rest(&b);
	struct arena mem;
	struct rich t;
	const char *text;
	json_t *valid;

	fuzz_begin();
	arena_init(&mem);
	text = arena_strndup(&mem, raw.p, raw.n < TEXT_MAX ? raw.n : TEXT_MAX);
	if ((valid = json_string(text)) == NULL)
		text = ""; /* what is not UTF-8 never comes so far */
	json_decref(valid);
	rich_init(&t, &mem, text);
	if (markdown)
		markup_read(&t);
	CHECK(markdown || t.text == text);
	CHECK(is_left_of(t.text, text) && (*text == '\0' || *t.text != '\0'));
	rich_find_links(&t);
	check_spans(&t);
	check_entities(&t);
	arena_finish(&mem);
	return 0;
}
