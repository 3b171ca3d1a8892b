/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* What people type behind /remind and /roll: whatever it is, what is taken is within its bounds,
 * and what is left is an end of the text. */
#include "fuzz.h"

#include "api/dice.h"
#include "api/when.h"
#include "api/zone.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const zones[] = {"UTC", "Asia/Seoul", "America/New_York", "no/zone"};
	struct bytes b = {data, size};
	int64_t now = (int64_t)take_number(&b, 5), due;
	struct dice dice;
	const char *rest;
	char *text;

	zone_use(zones[take(&b) % (sizeof(zones) / sizeof(zones[0]))]);
	text = strndup((const char *)b.p, b.n);
	if (when_read(text, now, &due, &rest))
		CHECK(rest > text && rest <= text + strlen(text) && *rest != ' ');
	if (dice_read(text, &dice))
		CHECK(dice.count >= 1 && dice.count <= DICE_MAX && dice.sides >= 2 &&
		      dice.sides <= DICE_SIDES_MAX);
	free(text);
	return 0;
}
