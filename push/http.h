/* SPDX-License-Identifier: MIT */
/* What maru-push answers to a plain GET: nginx asks for applications whose rights maru-api has
 * checked (X-Accel-Redirect), an operator for the counters. Whoever can reach push_socket may ask.
 *
 *   /metrics                               the counters (stats.h)
 *   /channels?filter_by_prefix=&info=      as Pusher's HTTP API answers it
 *   /channels/NAME?info=
 *   /channels/NAME/users?not=1,2           but for these, which are in order
 *   /presence?users=1,2-,3@TIME            which of these users are connected; those with
 *                                          "-" are said not to be, TIME is repeated if so
 *   /occupancy?rooms=1,2-,3                how many people are in these rooms; for those with "-"
 *                                          it is said that nobody is
 *
 * https://pusher.com/docs/channels/library_auth_reference/rest-api/
 */
#ifndef MARU_HTTP_H
#define MARU_HTTP_H

#include "hub.h"

#define HTTP_ANSWER_MAX ((size_t)64 << 20) /* bytes, with the head */

struct http_request {
	struct str path; /* decoded */
	/* Copies the decoded value of an argument; returns its length, 0 if it is absent. */
	size_t (*argument)(void *peer, const char *name, char *out, size_t size);
	void *peer; /* for argument() */
};

/* Appends the whole response, status line and all. now: monotonic milliseconds. */
void http_answer(struct hub *h, const struct http_request *r, int64_t now, struct buf *out);

#endif
