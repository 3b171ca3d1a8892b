/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* The signature of the HTTP API: nothing is taken that the secret did not sign, whatever it looks
 * like; a signed request is taken, and not with a digit of it changed. The first byte says what the
 * rest is: 0 a request of strangers, else numbers of one that is signed and then changed. */
#include "fuzz.h"

#include "api/appsign.h"

#include <inttypes.h>

#define KEY    "maru"
#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW    1700000000

static const char *
check(struct arena *mem, const char *method, const char *path, const char *query, struct str body)
{
	const struct appsign s = {method, path, query, body, KEY, SECRET, NOW};

	return appsign_check(mem, &s);
}

static const char *
text(struct arena *mem, struct str s)
{
	return arena_strndup(mem, s.p == NULL ? "" : s.p, s.n);
}

static void
check_any(struct arena *mem, struct bytes *b)
{
	const char *method = take(b) % 2 == 0 ? "GET" : "POST";
	const char *path = text(mem, take_text(b, 1)), *query = text(mem, take_text(b, 2));
	struct str body = alone(take_rest(b));

	CHECK(check(mem, method, path, query, body) != NULL);
	drop(body);
}

/* The parameters stand in the order in which they are signed. */
static void
check_signed(struct arena *mem, struct bytes *b)
{
	int64_t age = (int64_t)(take_number(b, 2) % (2 * APPSIGN_SECONDS + 1)) - APPSIGN_SECONDS;
	uint64_t id = take_number(b, 8);
	const char *path = arena_printf(mem, "/apps/%" PRIu64 "/channels", id);
	const char *plain = arena_printf(mem,
	    "auth_key=" KEY "&auth_timestamp=%" PRId64 "&auth_version=1.0&info=%" PRIu64, NOW - age,
	    take_number(b, 8));
	const char *signed_text = arena_printf(mem, "GET\n%s\n%s", path, plain);
	char mac[CRYPT_HEX_SIZE], *query;
	size_t n = strlen(plain), at;

	crypt_hmac_hex(STR(SECRET), str_of(signed_text), mac);
	query = (char *)(uintptr_t)arena_printf(mem, "%s&auth_signature=%s", plain, mac);
	CHECK(check(mem, "GET", path, query, STR("")) == NULL);
	CHECK(check(mem, "POST", path, query, STR("")) != NULL);
	CHECK(check(mem, "GET", arena_printf(mem, "%sx", path), query, STR("")) != NULL);
	/* A digit of the parameters, and one of the signature. */
	for (at = take_number(b, 1) % n; query[at] < '0' || query[at] > '9';)
		at = (at + 1) % n;
	query[at] = query[at] == '9' ? '0' : (char)(query[at] + 1);
	CHECK(check(mem, "GET", path, query, STR("")) != NULL);
	query[at] = plain[at];
	at = n + strlen("&auth_signature=") + take(b) % strlen(mac);
	query[at] = query[at] == '0' ? '1' : '0';
	CHECK(check(mem, "GET", path, query, STR("")) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct arena mem;

	arena_init(&mem);
	if (take(&b) == 0)
		check_any(&mem, &b);
	else
		check_signed(&mem, &b);
	arena_finish(&mem);
	return 0;
}
