/* SPDX-License-Identifier: MIT */
/* How many are in a channel, told to those in it, at most once a second for each channel: the first
 * change at once, and those of the next second together when it is over.
 *
 * A channel that is no presence channel is told subscription_count, if push_subscription_count asks
 * for it. A presence channel tells each coming and going by itself (presence.h) until it is
 * crowded; then it is told the count, and when it has become small enough again, who is there.
 */
#ifndef MARU_TALLY_H
#define MARU_TALLY_H

#include "hub.h"

/* The count, which may have changed. */
void tally_changed(const struct conf *conf, struct channel *ch);

/* The channel is being freed. */
void tally_drop(struct channel *ch);

#endif
