/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Pages that messages link to, whatever they are: what is read of one is text of one line, in UTF-8
 * and no longer than it may be. First comes the Content-Type, its length in front. */
#include "fuzz.h"

#include "api/webpage.h"

#include <jansson.h>

static void
check_text(const char *text, size_t most)
{
	size_t characters = 0;
	json_t *json;

	if (text == NULL)
		return;
	for (const char *c = text; *c != '\0'; c++) {
		CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
		characters += (*c & '\xc0') != '\x80';
	}
	CHECK(characters >= 1 && characters <= most);
	CHECK(text[0] != ' ' && text[strlen(text) - 1] != ' ');
	json = json_string(text); /* NULL: it is no UTF-8 */
	CHECK(json != NULL);
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct webpage page;
	struct arena mem;
	struct str type, html;

	fuzz_begin();
	arena_init(&mem);
	type = take_text(&b, 1);
	html = alone(take_rest(&b));
	webpage_read(&mem, html, arena_strndup(&mem, type.p, type.n), &page);
	check_text(page.title, WEBPAGE_TITLE_MAX);
	check_text(page.description, WEBPAGE_TEXT_MAX);
	check_text(page.site, WEBPAGE_TITLE_MAX);
	check_text(page.image, WEBPAGE_TEXT_MAX);
	drop(html);
	arena_finish(&mem);
	return 0;
}
