/* SPDX-License-Identifier: MIT */
/* Lists come in pages: ?limit= says how many, ?cursor= where to go on, and the answer's `next` is
 * the cursor of the next page, null at the end. */
#ifndef MARU_PAGE_H
#define MARU_PAGE_H

#include "req.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX     100
#define PAGE_END     ((uint64_t)INT64_MAX) /* a cursor behind every id */

struct page {
	uint64_t cursor;
	uint64_t limit;
	uint64_t value; /* of the row before, in lists in the order of a number */
};

/* Reads limit and cursor; start is the cursor of the first page. */
enum err page_read(struct req *r, uint64_t start, struct page *page);

/* The same for a list in the order of a number, greatest first, then of the id: its cursor is the
 * text value:id. */
enum err page_read_ranked(struct req *r, struct page *page);

/* Reads the limit alone, for a list that has another cursor. */
enum err page_read_limit(struct req *r, struct page *page);

/* Answers rows under a name. One more than limit was asked for: if it came, it is dropped and the
 * last row's column becomes `next`. */
enum err page_reply(
    struct req *r, const char *name, json_t *rows, const struct page *page, const char *column);

#endif
