/* SPDX-License-Identifier: MIT */
/* FastCGI: environment and body in, status and body out. The only file that sees libfcgi. */
#ifndef MARU_FCGI_H
#define MARU_FCGI_H

#include "req.h"

#include <stdbool.h>

/* Opens the listening socket (parent), mode 0660 and the configured group; -1 with errno. */
int fcgi_listen(const char *path, const char *group);

/* Prepares this process to take requests from the socket; called once after fork. */
bool fcgi_start(int listener);

/* Waits for a request and fills the fields of r that come from outside. False when fcgi_stop()
 * was called. */
bool fcgi_next(struct req *r);

/* Sends r's answer and ends the request. */
void fcgi_reply(struct req *r);

/* Reads on in the body, which fcgi_next() has left alone where it is long; 0: there is no more. */
size_t fcgi_read(struct req *r, char *out, size_t max);

/* Sends an answer in pieces: its head, any number of pieces (false: the client is gone, or does not
 * read), and the end. An answer that is not whole ends so that nginx cuts the client's connection,
 * where conf/nginx.conf has fastcgi_keep_conn. */
void fcgi_begin(struct req *r);
bool fcgi_put(struct str piece);
void fcgi_end(bool whole);

/* Makes fcgi_next return false; may be called from a signal handler. */
void fcgi_stop(void);

#endif
