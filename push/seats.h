/* SPDX-License-Identifier: MIT */
/* Who is still at their desk or in their call, for maru-api's feeder: it measures with it how long
 * people study, and ends calls of those who are gone. */
#ifndef MARU_SEATS_H
#define MARU_SEATS_H

#include "hub.h"
#include "wire.h"

/* Answers WIRE_DESKS with WIRE_SEATED: who of these people is in which room; and WIRE_CALLS with
 * WIRE_CALLED, which also names who else hears a call. False: no such question. */
bool seats_answer(struct hub *h, const struct wire_packet *question);

#endif
