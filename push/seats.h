/* SPDX-License-Identifier: MIT */
/* Who is still at their desk, for maru-api's feeder, which measures with it how long people study.
 */
#ifndef MARU_SEATS_H
#define MARU_SEATS_H

#include "hub.h"
#include "wire.h"

/* Answers WIRE_DESKS with WIRE_SEATED: who of these people is in which room. False: no such
 * question. */
bool seats_answer(struct hub *h, const struct wire_packet *question);

#endif
