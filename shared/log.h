/* SPDX-License-Identifier: MIT */
/* One line per event on stderr:
 *
 *   2026-11-20T18:26:05.123Z info maru-api[4711] 9f3c1a.. text
 *
 * The id of the request at hand stands in every line written while it is served. Control
 * characters are escaped, whatever the text came from, so one event can't pretend to be two.
 */
#ifndef MARU_LOG_H
#define MARU_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Names the program ("maru-api") and the least important level that is still written. Called
 * again after fork, so that lines carry the right pid. */
void log_open(const char *program, enum log_level level);

/* The level named "error", "warn", "info" or "debug"; LOG_INFO for anything else. */
enum log_level log_level(const char *name);

/* Puts the id into all lines from here on; NULL: none. Not copied. */
void log_request(const char *id);

__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *fmt, ...);

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
