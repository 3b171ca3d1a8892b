/* SPDX-License-Identifier: MIT */
/* /v1/time: what time it is here. */
#include "route.h"
#include "shared/clock.h"

/* {"now"} in milliseconds: clients that do something at the same time measure with it how far their
 * clocks are from ours. */
enum err
time_get(struct req *r)
{
	char now[CLOCK_TEXT_SIZE];

	clock_text(clock_wall(), now);
	return req_reply(r, 200, json_pack("{s:s}", "now", now));
}
