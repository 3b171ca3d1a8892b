/* SPDX-License-Identifier: MIT */
/* Where calls may go whose address somebody else named: a webhook, a link in a message.
 *
 * Public addresses only, at the ports of HTTPS, so that nobody reaches through us what stands
 * beside us. An administrator may open networks of an intranet (outbound_allow). What is judged is
 * the address that is about to be connected to, never the name that led to it: a name may mean
 * another address a moment later.
 */
#ifndef MARU_OUTBOUND_H
#define MARU_OUTBOUND_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define OUTBOUND_NETS_MAX 16

/* IPv4 networks stand here as their mapped form, ::ffff:10.0.0.0/104. */
struct outbound_net {
	struct in6_addr address;
	unsigned bits;
};

struct outbound {
	struct outbound_net nets[OUTBOUND_NETS_MAX];
	size_t n;
};

/* Reads networks, separated by spaces: 10.1.0.0/16 fd00:1::/32 127.0.0.1. False if the text is not
 * that. */
bool outbound_read(const char *text, struct outbound *out);

/* Whether an address is one that anybody on the internet may have. */
bool outbound_is_public(const struct in6_addr *address);

/* Whether a connection to this address may be made; size is that of the address. */
bool outbound_may(const struct outbound *out, const struct sockaddr *to, socklen_t size);

#endif
