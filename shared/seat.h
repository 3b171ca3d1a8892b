/* SPDX-License-Identifier: MIT */
/* The body of WIRE_DESKS, WIRE_CALLS and their answers: who is where. */
#ifndef MARU_SEAT_H
#define MARU_SEAT_H

#include <stdint.h>

struct wire_seat {
	uint64_t user, place; /* a room or a call; 0: anywhere */
	uint64_t here;        /* in the answer: enum wire_here */
};

enum wire_here { WIRE_MISSING, WIRE_HERE, WIRE_STRANGER };

#endif
