/* SPDX-License-Identifier: MIT */
/* The table behind event.h. */
#include "event.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *name;
	enum event_effect effect;
} events[EV_COUNT] = {
#define EVENT(name, wire, effect) {wire, EVENT_##effect},
#include "event.def"
#undef EVENT
};

const char *
event_name(enum event ev)
{
	assert((int)ev >= 0 && ev < EV_COUNT);
	return events[ev].name;
}

bool
event_is_known(const char *name)
{
	for (int i = 0; i < EV_COUNT; i++) {
		if (strcmp(events[i].name, name) == 0)
			return true;
	}
	return false;
}

enum event_effect
event_effect(const char *name)
{
	for (int i = 0; i < EV_COUNT; i++) {
		if (strcmp(events[i].name, name) == 0)
			return events[i].effect;
	}
	return EVENT_NOTHING;
}
