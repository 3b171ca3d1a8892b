/* SPDX-License-Identifier: MIT */
/* Whoever studies is seen at the desk: the feeder asks maru-push every desk_beat seconds who is
 * still in the room (WIRE_DESKS), all who sit anywhere. A closed window, a dead browser and a lost
 * network look the same, and cost one beat at most; a reload costs nothing, as it takes several
 * answers to be gone. Without an answer nothing changes.
 */
#ifndef MARU_DESKWATCH_H
#define MARU_DESKWATCH_H

#include "req.h"
#include "shared/wire.h"

struct deskwatch {
	int64_t due;    /* of the next beat, monotonic milliseconds */
	uint64_t after; /* the last one who was asked about in this one */
};

/* Seconds for which somebody may be out of sight at a time that counts. */
int64_t deskwatch_grace(const struct conf *conf);

/* Fills the next question, if it is time for one; it lives as long as the request. */
bool deskwatch_ask(struct deskwatch *w, struct req *r, int64_t now, struct wire_packet *out);

/* Takes an answer. */
void deskwatch_heard(struct req *r, struct str body);

#endif
