/* SPDX-License-Identifier: MIT */
/* Events of webhooks on their way from maru-push into the table hook, where the courier finds them.
 *
 * They come in bursts, so they are gathered for a moment and stored with one statement. The table
 * holds webhook_queue of them; beyond it the oldest go.
 */
#ifndef MARU_HOOKS_H
#define MARU_HOOKS_H

#include "req.h"

struct hooks {
	struct buf waiting; /* as JSON texts with commas between */
	int64_t store_at;   /* monotonic; when the waiting ones are due */
	int64_t trim_at;    /* when the table's size is looked at next */
	uint64_t dropped;   /* since the start, as the table was full */
	uint64_t lost;      /* not even stored, since the last success */
};

void hooks_init(struct hooks *h);
void hooks_finish(struct hooks *h);

/* Takes one event, the text of a JSON object; not if webhook_url is empty. */
void hooks_take(struct hooks *h, const struct req *r, struct str event);

/* Whether hooks_store() has something to do now; left: milliseconds until it may have. */
bool hooks_due(const struct hooks *h, int64_t now, int *left);

/* Stores what was taken; what can't be stored now stays for another try. */
void hooks_store(struct hooks *h, struct req *r);

#endif
