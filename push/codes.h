/* SPDX-License-Identifier: MIT */
/* Every code that maru-push tells a client, in pusher:error or when it closes. Pusher Channels
 * gives the ranges their meaning: with 4000 to 4099 a client does not come back, with 4100 to 4199
 * it waits a second or more, with 4200 to 4299 it comes back at once; 4300 to 4399 close nothing.
 * README.md says when each is sent, tests/push/codes.test.mjs provokes each.
 *
 * Never sent: 4000 (TLS is nginx's), 4002 to 4004 (there is one application, without a quota), 4202
 * (nobody is closed for being idle).
 */
#ifndef MARU_CODES_H
#define MARU_CODES_H

enum {
	CODE_NONE = 0, /* pusher:error without a code: a frame that can't be understood */

	CODE_UNKNOWN_APP = 4001,
	CODE_NO_PATH = 4005,
	CODE_BAD_VERSION = 4006, /* the protocol is no number */
	CODE_UNSUPPORTED = 4007,
	CODE_NO_PROTOCOL = 4008,
	CODE_UNAUTHORIZED = 4009, /* a false signature; logged out; thrown out */

	CODE_CROWDED = 4100,  /* over capacity, for the moment: limits.h; or the daemon stops */
	CODE_TOO_SLOW = 4101, /* does not read: conn.h */
	CODE_TOO_MUCH = 4102, /* sends too much: limits.h */

	CODE_COME_BACK = 4200, /* what it knows is void: follow.h */
	CODE_NO_PONG = 4201,   /* silence.h */

	CODE_REJECTED = 4301, /* a client event was not relayed */
	CODE_WATCHLIST = 4302 /* only the first of the watchlist are watched */
};

#endif
