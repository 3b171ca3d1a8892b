/* SPDX-License-Identifier: MIT */
/* Pages of messages: ?before= or ?after= a seq, ?limit= so many, always in the order of seq. */
#ifndef MARU_HISTORY_H
#define MARU_HISTORY_H

#include "req.h"

struct history_page {
	bool forward;           /* from `after` on, else back from `before` */
	uint64_t after, before; /* what lies between them may be shown */
	int64_t limit;          /* rows to ask for: one more than are shown */
};

/* Reads which page is wanted, and what the asker may see of the room. ERR_NOT_MEMBER,
 * ERR_NOT_FOUND, ERR_INVALID. */
enum err history_page(struct req *r, uint64_t room, struct history_page *page);

/* Gives messages, in the order of seq, what is not in their rows, and hides those of people whom
 * the asker blocks. */
enum err history_finish(struct req *r, uint64_t room, json_t *messages);

/* Answers with the rows of a page: {messages, next}. root, which may be NULL, comes along as seen
 * by the asker. */
enum err history_reply(
    struct req *r, uint64_t room, const struct history_page *page, json_t *rows, json_t *root);

#endif
