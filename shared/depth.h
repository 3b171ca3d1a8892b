/* SPDX-License-Identifier: MIT */
/* How deep JSON nests, looked at before it is parsed: jansson goes down 2048 levels by recursion.
 */
#ifndef MARU_DEPTH_H
#define MARU_DEPTH_H

#include "buf.h"

#define DEPTH_MAX 16 /* levels that we accept from anybody */

/* Whether brackets outside of strings nest no deeper than DEPTH_MAX. Takes any bytes. */
bool depth_is_fine(struct str json);

#endif
