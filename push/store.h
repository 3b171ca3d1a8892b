/* SPDX-License-Identifier: MIT */
/* Brings files into the bucket and out of it, in a thread of its own that shares nothing with the
 * loop but its counters: whatever the bucket does, chat does not notice.
 *
 * The directory is the queue (spool.h). Everything here may die at any moment: a file stays until
 * the bucket has proved to have it, a marker until the bucket has nothing of its object, and the
 * next start finds both.
 */
#ifndef MARU_STORE_H
#define MARU_STORE_H

#include <stdbool.h>

struct conf;

/* Starts the thread if s3_endpoint is set. False after saying why in the log. conf must outlive
 * store_stop(). */
bool store_start(const struct conf *conf);

/* Begins nothing new from now on. */
void store_leave(void);

/* Waits for what is under way, for two seconds at most, and ends the thread. May be called when
 * there is none. */
void store_stop(void);

#endif
