/* SPDX-License-Identifier: MIT */
/* The names of the events and what they do to subscriptions (event.def). */
#ifndef MARU_EVENT_H
#define MARU_EVENT_H

#include <stdbool.h>

enum event {
#define EVENT(name, wire, effect) EV_##name,
#include "event.def"
#undef EVENT
	EV_COUNT
};

enum event_effect {
	EVENT_NOTHING,
	EVENT_REMOVES_ONE,
	EVENT_REMOVES_ALL,
	EVENT_ENDS_SESSION,
	EVENT_CHANGES_BLOCK
};

/* The name clients see, "message.created". The result is static. */
const char *event_name(enum event ev);

/* Whether there is an event of this name. */
bool event_is_known(const char *name);

/* What the event of this name does; EVENT_NOTHING for names that are not ours. */
enum event_effect event_effect(const char *name);

#endif
