/* SPDX-License-Identifier: MIT */
/* The process that keeps the workers, the feeder and the courier alive. It answers nothing itself
 * and knows no database. */
#ifndef MARU_PARENT_H
#define MARU_PARENT_H

#include "shared/conf.h"

/* Starts the workers and stays until SIGTERM or SIGINT; the result is the exit status. SIGHUP reads
 * the file at path again and replaces the workers one generation by the next; a file with mistakes
 * changes nothing. Takes over *conf. */
int parent_run(struct conf *conf, const char *path);

#endif
