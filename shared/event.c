/* SPDX-License-Identifier: MIT */
/* The table behind event.h. */
#include "event.h"

#include <assert.h>

static const char *const names[EV_COUNT] = {
#define EVENT(name, wire) wire,
#include "event.def"
#undef EVENT
};

const char *
event_name(enum event ev)
{
	assert((int)ev >= 0 && ev < EV_COUNT);
	return names[ev];
}
