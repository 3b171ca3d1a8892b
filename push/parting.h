/* SPDX-License-Identifier: MIT */
/* How a connection ends: it leaves everything that knows it, and its socket waits for the client's
 * close frame, which is the last that a client sends (RFC 6455, section 7.1.1), for a second at
 * most.
 *
 * Without that, a client that is busy sending may never read why it was closed: the kernel resets a
 * socket that is closed while bytes wait in it, and whoever writes to a closed one gets an error at
 * once, the client as well as nginx for it.
 */
#ifndef MARU_PARTING_H
#define MARU_PARTING_H

#include "conn.h"

struct hub;

/* Takes a connection out of everything but its socket. Its memory stays, and is zeroed. */
void parting_leave(struct hub *h, struct conn *c);

/* After that, and after the last byte was written, even if the socket did not take it yet: ws_cut()
 * is called for ws in a second, unless parting_end() comes first. False: too many are parting,
 * nothing was done. */
bool parting_begin(struct conn *c, void *ws);

/* The socket is gone, and the memory will be. c: of any connection that is over, or NULL. */
void parting_end(struct conn *c);

#endif
