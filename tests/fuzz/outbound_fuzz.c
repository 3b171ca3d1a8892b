/* SPDX-License-Identifier: MIT */
/* link: shared.a */
/* Where calls may go: whatever the list of networks and the address, nothing is reached that is
 * neither in the list nor public, and a mapped address is judged as the one that it means. The
 * first byte says what the rest is: 0 a list, else an address, its port and a list. */
#include "fuzz.h"

#include "shared/outbound.h"

#include <arpa/inet.h>

static void
check_list(struct str text)
{
	struct str own = alone(text);
	char *list = strndup(own.p, own.n);
	struct outbound out;

	CHECK(list != NULL);
	if (outbound_read(list, &out)) {
		CHECK(out.n <= OUTBOUND_NETS_MAX);
		for (size_t i = 0; i < out.n; i++)
			CHECK(out.nets[i].bits <= 128);
	}
	free(list);
	drop(own);
}

static bool
may4(const struct outbound *out, const uint8_t *bytes, unsigned short port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

	memcpy(&to.sin_addr, bytes, sizeof(to.sin_addr));
	return outbound_may(out, (const struct sockaddr *)&to, sizeof(to));
}

static bool
may6(const struct outbound *out, const uint8_t *bytes, unsigned short port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memcpy(&to.sin6_addr, bytes, sizeof(to.sin6_addr));
	return outbound_may(out, (const struct sockaddr *)&to, sizeof(to));
}

/* The same without the tables: what must never be public. */
static bool
is_ours(const uint8_t *b)
{
	return b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224 ||
	       (b[0] == 192 && b[1] == 168) || (b[0] == 172 && b[1] >= 16 && b[1] < 32) ||
	       (b[0] == 169 && b[1] == 254) || (b[0] == 100 && b[1] >= 64 && b[1] < 128);
}

static void
check_address(struct bytes *b)
{
	uint8_t six[16] = {[10] = 0xff, [11] = 0xff}, four[4];
	static const struct outbound none;
	unsigned short port;
	struct outbound out;
	char *list;

	for (size_t i = 0; i < sizeof(four); i++)
		six[12 + i] = four[i] = take(b);
	port = (unsigned short)take_number(b, 2);
	CHECK(may4(&none, four, port) == may6(&none, six, port));
	CHECK(!is_ours(four) || !may4(&none, four, port));
	for (size_t i = 0; i < 12; i++)
		six[i] = take(b);
	CHECK(!may6(&none, six, port) || six[0] >> 5 == 1 || memcmp(six + 10, "\xff\xff", 2) == 0);
	list = strndup((const char *)b->p, b->n);
	CHECK(list != NULL);
	if (outbound_read(list, &out))
		CHECK(may6(&out, six, port) >= may6(&none, six, port));
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};

	fuzz_begin();
	if (take(&b) == 0)
		check_list(take_rest(&b));
	else
		check_address(&b);
	return 0;
}
