/* SPDX-License-Identifier: MIT */
/* The names of the events (event.def). */
#ifndef MARU_EVENT_H
#define MARU_EVENT_H

enum event {
#define EVENT(name, wire) EV_##name,
#include "event.def"
#undef EVENT
	EV_COUNT
};

/* The name clients see, "message.created". The result is static. */
const char *event_name(enum event ev);

#endif
