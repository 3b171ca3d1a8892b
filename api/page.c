/* SPDX-License-Identifier: MIT */
#include "page.h"

enum err
page_read(struct req *r, uint64_t start, struct page *page)
{
	TRY(req_query_number(r, "limit", PAGE_DEFAULT, PAGE_MAX, &page->limit));
	if (page->limit == 0)
		page->limit = 1;
	return req_query_number(r, "cursor", start, PAGE_END, &page->cursor);
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
