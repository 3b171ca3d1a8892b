/* SPDX-License-Identifier: MIT */
/* See outbound.h. The networks that are nobody's stand in IANA's registries of special-purpose
 * addresses (RFC 6890). */
#include "outbound.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED_BITS 96U
#define TEXT_SIZE   64
#define BITS_MAX    128U

static const unsigned short ports[] = {443, 8443};

static const struct {
	unsigned char start[4];
	unsigned bits;
} closed4[] = {
    {{0, 0, 0, 0}, 8},       /* this host */
    {{10, 0, 0, 0}, 8},      /* private */
    {{100, 64, 0, 0}, 10},   /* behind a provider's NAT */
    {{127, 0, 0, 0}, 8},     /* loopback */
    {{169, 254, 0, 0}, 16},  /* link-local, and where clouds keep their secrets */
    {{172, 16, 0, 0}, 12},   /* private */
    {{192, 0, 0, 0}, 24},    /* protocols */
    {{192, 0, 2, 0}, 24},    /* documentation */
    {{192, 88, 99, 0}, 24},  /* relays of 6to4 */
    {{192, 168, 0, 0}, 16},  /* private */
    {{198, 18, 0, 0}, 15},   /* benchmarks */
    {{198, 51, 100, 0}, 24}, /* documentation */
    {{203, 0, 113, 0}, 24},  /* documentation */
    {{224, 0, 0, 0}, 4},     /* multicast */
    {{240, 0, 0, 0}, 4},     /* reserved, and broadcast */
};

/* Of IPv6 all but 2000::/3 is closed: loopback, mapped, NAT64, unique local, link-local, multicast
 * and what is not given out yet. These are closed within it. */
static const struct {
	unsigned char start[4];
	unsigned bits;
} closed6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocols: Teredo, ORCHID, benchmarks */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02, 0x00, 0x00}, 16}, /* 6to4, which carries an IPv4 address */
    {{0x3f, 0xff, 0x00, 0x00}, 20}, /* documentation */
};

static bool
is_in(const unsigned char *address, const unsigned char *start, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(address, start, whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ start[whole]) >> (8 - rest) == 0;
}

static bool
is_public4(const unsigned char *address)
{
	for (size_t i = 0; i < sizeof(closed4) / sizeof(closed4[0]); i++) {
		if (is_in(address, closed4[i].start, closed4[i].bits))
			return false;
	}
	return true;
}

bool
outbound_is_public(const struct in6_addr *address)
{
	const unsigned char *bytes = address->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(address))
		return is_public4(bytes + MAPPED_BITS / 8);
	if (bytes[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof(closed6) / sizeof(closed6[0]); i++) {
		if (is_in(bytes, closed6[i].start, closed6[i].bits))
			return false;
	}
	return true;
}

static void
map(const struct in_addr *from, struct in6_addr *out)
{
	*out = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(out->s6_addr + MAPPED_BITS / 8, from, sizeof(*from));
}

/* The bits that are named behind the slash, at most as many; more: it is no such number. */
static unsigned
read_bits(const char *text, unsigned most)
{
	unsigned bits = 0;

	if (*text == '\0')
		return most + 1;
	for (; *text >= '0' && *text <= '9' && bits <= most; text++)
		bits = bits * 10 + (unsigned)(*text - '0');
	return *text == '\0' ? bits : most + 1;
}

static bool
read_net(char *text, struct outbound_net *net)
{
	char *slash = strchr(text, '/');
	struct in_addr four;
	unsigned most = BITS_MAX;

	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, &four) == 1) {
		map(&four, &net->address);
		most -= MAPPED_BITS;
	} else if (inet_pton(AF_INET6, text, &net->address) != 1) {
		return false;
	}
	net->bits = slash == NULL ? most : read_bits(slash, most);
	if (net->bits > most)
		return false;
	net->bits += BITS_MAX - most;
	return true;
}

bool
outbound_read(const char *text, struct outbound *out)
{
	char one[TEXT_SIZE];

	out->n = 0;
	while (*(text += strspn(text, " ")) != '\0') {
		size_t n = strcspn(text, " ");

		if (n >= sizeof(one) || out->n == OUTBOUND_NETS_MAX)
			return false;
		memcpy(one, text, n);
		one[n] = '\0';
		if (!read_net(one, &out->nets[out->n++]))
			return false;
		text += n;
	}
	return true;
}

/* The address in one form, whatever its family; false: it has none, or means one of our own
 * networks by its zone. */
static bool
find_address(const struct sockaddr *to, socklen_t size, struct in6_addr *out, unsigned *port)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	if (to->sa_family == AF_INET && size >= sizeof(four)) {
		memcpy(&four, to, sizeof(four));
		map(&four.sin_addr, out);
		*port = ntohs(four.sin_port);
		return true;
	}
	if (to->sa_family != AF_INET6 || size < sizeof(six))
		return false;
	memcpy(&six, to, sizeof(six));
	*out = six.sin6_addr;
	*port = ntohs(six.sin6_port);
	return six.sin6_scope_id == 0;
}

bool
outbound_may(const struct outbound *out, const struct sockaddr *to, socklen_t size)
{
	struct in6_addr address;
	unsigned port;

	if (!find_address(to, size, &address, &port))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		if (is_in(address.s6_addr, out->nets[i].address.s6_addr, out->nets[i].bits))
			return true;
	}
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (port == ports[i])
			return outbound_is_public(&address);
	}
	return false;
}
