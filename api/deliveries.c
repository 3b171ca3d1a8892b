/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/webhooks/:webhook/deliveries: what was posted to a webhook, and what came of it.
 * A delivery is named by the seq of its event. */
#include "page.h"
#include "route.h"
#include "shared/clock.h"
#include "sql.h"
#include "webhooks.h"

/* The deliveries, the newest first; those that are done for seven days. */
enum err
deliveries_list(struct req *r)
{
	struct page page;
	json_t *webhook, *rows;

	TRY(page_read(r, PAGE_END, &page));
	TRY(webhooks_find(r, RANK_MODERATOR, &webhook));
	TRY(sql_deliveries_list(
	    r, row_id(webhook, "id"), page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "deliveries", rows, &page, "seq");
}

/* Posts an event once more, or at once what waits for its next try: 202 with the delivery. It bears
 * the id that it had. */
enum err
deliveries_replay(struct req *r)
{
	uint64_t seq = req_id(r, "delivery"), again;
	int64_t now = clock_wall();
	json_t *webhook, *delivery;

	TRY(webhooks_hold(r, RANK_HOST, &webhook));
	TRY(webhooks_require_courier(r));
	TRY(sql_webhook_lock(r, row_id(webhook, "id"), &webhook));
	TRY(sql_delivery_get(r, row_id(webhook, "id"), seq, &delivery));
	TRY(sql_delivery_replay(r, row_id(webhook, "id"), seq, now, &again));
	TRY(sql_webhook_expect(r, row_id(webhook, "id"), (int64_t)again, now, NULL));
	TRY(sql_delivery_get(r, row_id(webhook, "id"), seq, &delivery));
	return req_reply(r, 202, json_incref(delivery));
}
