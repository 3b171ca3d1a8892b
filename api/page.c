/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "query.h"

#include <stdlib.h>

enum err
page_read_limit(struct req *r, struct page *page)
{
	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &page->limit));
	if (page->limit == 0)
		page->limit = 1;
	return OK;
}

enum err
page_read(struct req *r, uint64_t start, struct page *page)
{
	TRY(page_read_limit(r, page));
	return req_query_number(r, "cursor", start, PAGE_END, &page->cursor);
}

/* Reads a number of at most 18 digits up to a character; NULL if it is none. */
static const char *
read_number(const char *s, char end, uint64_t *out)
{
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 18 || s[n] != end)
		return NULL;
	*out = strtoull(s, NULL, 10);
	return s + n + (end != '\0');
}

enum err
page_read_ranked(struct req *r, struct page *page)
{
	const char *text = query_value(&r->mem, str_of(r->query), "cursor");

	TRY(page_read_limit(r, page));
	page->cursor = page->value = PAGE_END;
	if (text == NULL || *text == '\0')
		return OK;
	text = read_number(text, ':', &page->value);
	if (text == NULL || read_number(text, '\0', &page->cursor) == NULL)
		return req_invalid(r, "cursor", "must be the `next` of a page in the same order");
	return OK;
}

enum err
page_reply(
    struct req *r, const char *name, json_t *rows, const struct page *page, const char *column)
{
	json_t *answer = json_object(), *next = json_null();

	if (json_array_size(rows) > page->limit) {
		(void)json_array_remove(rows, page->limit);
		next = json_incref(json_object_get(json_array_get(rows, page->limit - 1), column));
	}
	(void)json_object_set(answer, name, rows);
	(void)json_object_set_new(answer, "next", next);
	return req_reply(r, 200, answer);
}
