/* SPDX-License-Identifier: MIT */
/* What stands in the place of a message whose sender the reader blocks, or, where it was changed,
 * that was said before the reader came: {room, seq, mid, sender, created_at, hidden: true}, rev
 * if it was changed, and thread if it stands in one. It keeps the seqs without a gap. The one place
 * that knows it: REST and live sockets show the same.
 */
#ifndef MARU_VEIL_H
#define MARU_VEIL_H

#include <jansson.h>
#include <stdint.h>

/* Whose message this is or, if it is the data of an event, brings or changes; 0: nobody's. */
uint64_t veil_sender(const json_t *data);

/* The seq of the message that the event with this data changes; 0: none. */
uint64_t veil_target(const json_t *data);

/* The same with the placeholder; a new reference. */
json_t *veil_data(const json_t *data);

#endif
