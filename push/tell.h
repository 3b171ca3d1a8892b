/* SPDX-License-Identifier: MIT */
/* What the subscribers of a stream are told beside its events. For follow.c and rounds.c.
 */
#ifndef MARU_TELL_H
#define MARU_TELL_H

#include "wait.h"

/* To all who listen: their copy is of no more use, from a new head on. forked: the stream counts
 * anew, and nobody's floor stays. */
void tell_reset(struct follow *f, bool forked);

/* Where the stream is, so that they can tell silence from loss. now: monotonic milliseconds. */
void tell_head(struct follow *f, int64_t now);

/* To come back: in another history others may be members, so everybody needs a new claim. */
void tell_return(struct follow *f);

#endif
