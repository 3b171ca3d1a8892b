/* SPDX-License-Identifier: MIT */
/* /v1/calls/:call/sfu: what a browser needs to take part in a call that goes through Janus. Only
 * who is in the call gets it, and it ends soon, so they come again as long as they are inside. */
#include "sfu.h"

#include "incall.h"
#include "rooms.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "shared/digest.h"
#include "sql.h"

#include <inttypes.h>

#define TTL       30 /* seconds */
#define ROOM_BITS 52 /* whole numbers that JavaScript knows */

static void
sign(struct req *r, const char *text, unsigned char hmac[DIGEST_SHA1])
{
	digest_hmac_sha1(str_of(r->conf->sfu_secret), str_of(text), hmac);
}

/* Tokens begin with digits: none is signed here by accident, nor a number by one of them. */
uint64_t
sfu_room(struct req *r, uint64_t call)
{
	unsigned char hmac[DIGEST_SHA1];
	uint64_t room = 0;

	sign(r, arena_printf(&r->mem, "room:%" PRIu64, call), hmac);
	for (unsigned i = 0; i < sizeof(room); i++)
		room = room << 8 | hmac[i];
	return room >> (64 - ROOM_BITS) | 1; /* 0 is no room */
}

const char *
sfu_room_secret(struct req *r, uint64_t room)
{
	unsigned char hmac[DIGEST_SHA1];
	char *hex = arena_alloc(&r->mem, 2 * DIGEST_SHA1 + 1);

	sign(r, arena_printf(&r->mem, "secret:%" PRIu64, room), hmac);
	crypt_hex(hmac, sizeof(hmac), hex);
	return hex;
}

const char *
sfu_token(struct req *r, const char *realm, const char *what)
{
	const char *text =
	    arena_printf(&r->mem, "%" PRId64 ",%s,%s", clock_wall() / 1000 + TTL, realm, what);
	unsigned char hmac[DIGEST_SHA1];
	char signature[CRYPT_B64_SIZE(DIGEST_SHA1)];

	sign(r, text, hmac);
	crypt_base64(hmac, sizeof(hmac), signature);
	return arena_printf(&r->mem, "%s:%s", text, signature);
}

static uint64_t
feed_of(uint64_t user)
{
	return user << SFU_FEED_BITS | crypt_random64() >> (64 - SFU_FEED_BITS);
}

/* {"room", "feed", "token", "room_token", "ttl"}. */
enum err
sfu_get(struct req *r)
{
	uint64_t call = req_id(r, "call"), number;
	json_t *row, *room;
	const char *which;
	bool in;

	TRY(sql_call_get(r, call, &row));
	TRY(rooms_require(r, row_id(row, "room"), &room));
	TRY(incall_has(r, call, r->user, &in));
	if (!in)
		return req_fail(r, ERR_FORBIDDEN, "only who is in the call may connect to it");
	if (!sfu_carries(row))
		return req_fail(r, ERR_NOT_FOUND, "this call goes from browser to browser");
	if (!sfu_is_on(r->conf))
		return req_fail(r, ERR_UNAVAILABLE, "there is no sfu_url any more");
	number = sfu_room(r, call);
	which = arena_printf(&r->mem, "room=%" PRIu64, number);
	return req_reply(r, 200,
	    json_pack("{s:I, s:I, s:s, s:s, s:i}", "room", (json_int_t)number, "feed",
		(json_int_t)feed_of(r->user), "token", sfu_token(r, "janus", SFU_PLUGIN),
		"room_token", sfu_token(r, SFU_PLUGIN, which), "ttl", TTL));
}
